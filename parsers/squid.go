package parsers

import "bytes"

var _ = register(Parser{
	Name: "squid",
	Doc: `Squid's native access log

https://wiki.squid-cache.org/Features/LogFormat: "epoch.ms elapsed address
TAG/status bytes method URL user hierarchy/address type". The error code is the tag.`,
	Layer: Edge,
	First: "1",
	Order: 34,
	Parse: parseSquid,
})

func parseSquid(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[10] != '.' || t[14] != ' ' {
		return false
	}
	when, n := s.Epoch(t)
	if n != 14 {
		return false
	}
	_, rest := cutWord(bytes.TrimLeft(t[14:], " "))
	client, rest := cutWord(rest)
	tag, rest := cutWord(rest)
	_, rest = cutWord(rest)
	method, rest := cutWord(rest)
	slash := bytes.IndexByte(tag, '/')
	if slash < 1 || !isMethod(method) && dash(method) != nil {
		return false
	}
	// A name may hold spaces; of a URL Squid strips them (uri_whitespace), but where
	// it couldn't parse it.
	rest, _ = cutLastWord(rest)
	rest, hierarchy := cutLastWord(rest)
	url, user := cutWord(rest)
	if string(method) == "NONE" || dash(method) == nil || bytes.HasSuffix(user, []byte(" -")) {
		url, user = cutLastWord(rest)
	}
	when.Set(r)
	r.setClient(client)
	r.Status = parseStatus(tag[slash+1:])
	r.Code = tag[:slash]
	if isMethod(method) && string(method) != "NONE" { // of what was no request
		r.Method = method
	}
	if hasPrefix(url, "error:") {
		url = nil
	}
	if string(method) == "CONNECT" {
		r.URL = url
		r.setDomain(url)
	} else {
		r.setURL(url)
	}
	r.setUser(user)
	if i := bytes.IndexByte(hierarchy, '/'); i >= 0 {
		r.Upstream = dash(hierarchy[i+1:])
	}
	return true
}

// cutLastWord splits b at its last space, spaces at the end aside.
func cutLastWord(b []byte) (rest, word []byte) {
	b = bytes.TrimRight(b, " ")
	if i := bytes.LastIndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return nil, b
}
