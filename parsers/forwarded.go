package parsers

import (
	"bytes"
	"net/netip"
)

// direct sets r's client to who sent the request first, where proxies of ours
// passed it on: the last address of the forwarding header that is not trusted. What
// stands before it a client may have made up, so that it counts only as far as
// every hop behind it is trusted, the peer first.
func (o *Options) direct(r *Record) {
	if len(r.Forwarded) == 0 || !o.trusts(r.Client) {
		return
	}
	for rest := r.Forwarded; len(rest) > 0; {
		i := bytes.LastIndexByte(rest, ',')
		host, port := splitPort(forwardedFor(rest[i+1:]))
		if !isAddress(host) {
			return // "unknown", or hidden (RFC 7239 section 6.3)
		}
		r.Client, r.ClientPort = host, port
		if !o.trusts(host) {
			return
		}
		rest = rest[:max(i, 0)]
	}
}

func (o *Options) trusts(client []byte) bool {
	if !isAddress(client) {
		return false
	}
	addr, err := netip.ParseAddr(string(client))
	if err != nil {
		return false
	}
	addr = addr.Unmap().WithZone("")
	for _, p := range o.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// settle gives r the client that only a forwarding header names, and takes away one
// that is nobody's address.
func (r *Record) settle() {
	if r.Client == nil && r.Forwarded != nil {
		r.setClient(r.Forwarded)
	}
	if n := len(r.Client); n == 2 && string(r.Client) == "::" || n == 7 && string(r.Client) == "0.0.0.0" {
		r.Client, r.ClientPort = nil, nil
	}
}

// forwardedFor returns the address of one hop: all of it in X-Forwarded-For, and
// the parameter "for" in Forwarded (RFC 7239).
func forwardedFor(hop []byte) []byte {
	for pair := range bytes.SplitSeq(hop, []byte{';'}) {
		pair = bytes.TrimSpace(pair)
		if len(pair) > 4 && pair[3] == '=' && hasSuffixFold(pair[:3], "for") {
			return bytes.Trim(pair[4:], `"`)
		}
	}
	return bytes.TrimSpace(hop)
}

// isForwarded reports whether b is a list of addresses, as X-Forwarded-For holds one.
func isForwarded(b []byte) bool {
	for n := 0; ; n++ {
		hop, rest, more := bytes.Cut(b, []byte{','})
		if host, _ := splitPort(bytes.TrimSpace(hop)); n == 64 || !isAddress(host) {
			return false
		}
		if !more {
			return true
		}
		b = rest
	}
}
