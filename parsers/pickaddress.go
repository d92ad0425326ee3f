package parsers

import "bytes"

// Which address in plain words is the client's.

// A loneAddress is where an address stands that nothing announces as the client's.
type loneAddress struct {
	start, end int // with its port
	host, port []byte
	many       bool // there is more than one
	weak       bool // the client's was taken from brackets: one that words announce goes before
}

// pickAddress takes the address at b[start:end], host and port, for the client's
// if the words before it say so.
func (r *Record) pickAddress(b []byte, start, end int, host, port []byte, lone *loneAddress) {
	if n := len(b) - end; n > 1 && b[end] == '/' && b[end+1]-'0' <= 9 && (n < 4 || !isDigits(b[end+2:end+4])) { // a network
		return
	}
	if start > 1 && aroundWord[b[start-1]] && b[start-1] != ' ' && isUserWord(wordBefore(b[:start-1])) { // `user "192.0.2.1"`: a name
		return
	}
	switch {
	case string(host) == "0.0.0.0": // none
	case announced(b, start, end) || bracketed(b, start, end):
		weak := !announced(b, start, end)
		if r.Client == nil || lone.weak && !weak && (isPrivate(r.Client) || !isPrivate(host)) {
			lone.weak = weak
			if r.Client != nil && r.Upstream == nil { // "[10.0.0.7] GET / from 192.0.2.1": who writes
				r.Upstream = r.Client
			}
			if port == nil {
				port = portAfter(b[end:])
			}
			r.Client, r.ClientPort = host, port
		}
		if r.User == nil {
			r.setUser(userBefore(b, start))
		}
	case b[max(0, start-1)] == '@': // of a server: "couchdb@192.0.2.1"
	case lone.end == 0 && !isOurs(b[:start]), !lone.many && lone.handedOn(b, start, host):
		*lone = loneAddress{start: start, end: end, host: host, port: port}
	default:
		lone.many = true
	}
}

// handedOn reports whether the address was that of a proxy next door, and host at
// b[start:] is its client: "172.18.0.2 | 192.0.2.1".
func (a *loneAddress) handedOn(b []byte, start int, host []byte) bool {
	return 0 < a.end && a.end <= start && start < a.end+4 && len(bytes.Trim(b[a.end:start], " |,")) == 0 && isPrivate(a.host) && !isPrivate(host)
}

// isPrivate reports whether an address is of a private network (RFC 1918, RFC 4193) or
// the host's own.
func isPrivate(host []byte) bool {
	switch {
	case hasPrefix(host, "10."), hasPrefix(host, "192.168."), hasPrefix(host, "127."), hasPrefix(host, "fd"), hasPrefix(host, "fc"), string(host) == "::1":
		return true
	}
	return len(host) > 6 && hasPrefix(host, "172.") && host[6] == '.' && two(host, 4) >= 16 && two(host, 4) <= 31
}

// portBehindDot parts "192.0.2.1.5022" (Dante, tcpdump).
func portBehindDot(b []byte) (host, port []byte) {
	dot := bytes.LastIndexByte(b, '.')
	if dot < 7 || !isIPv4(b[:dot]) || len(portOf(b[dot+1:])) < 2 {
		return nil, nil
	}
	return b[:dot], b[dot+1:]
}

// portAfter returns the port that follows an address: "192.0.2.1 port 5022" (sshd),
// "192.0.2.1#5022" (BIND), "192.0.2.1/5022" (Cisco), "[2001:db8::1]:5022".
func portAfter(b []byte) []byte {
	least := 1
	switch {
	case hasPrefix(b, " port "):
		b = b[6:]
	case hasPrefix(b, "]:"):
		b = b[2:]
	case len(b) > 4 && (b[0] == '#' || b[0] == '/'):
		b, least = b[1:], 4 // "/24" is the length of a network
	default:
		return nil
	}
	if b = portOf(b); len(b) < least {
		return nil
	}
	return b
}

// portOf returns the port that b begins with.
func portOf(b []byte) []byte {
	n := 0
	for n < len(b) && n < 6 && b[n]-'0' <= 9 {
		n++
	}
	if n == 0 || n > 5 || n < len(b) && isWord(b[n]) {
		return nil
	}
	return b[:n]
}

// hostAround returns the bounds of the address, with port, that b[i] lies in.
func hostAround(b []byte, i int) (start, end int) {
	start, end = i, i+1
	for start > 0 && (b[start-1]-'0' <= 9 || b[start-1] == '.' || b[start-1] == ':' || b[start-1]|0x20-'a' <= 5) {
		start--
	}
	for end < len(b) && (b[end]-'0' <= 9 || b[end] == '.' || b[end] == ':' || b[end]|0x20-'a' <= 5) {
		end++
	}
	for start < end && b[start] == ':' && (start+1 == end || b[start+1] != ':') {
		start++
	}
	for end > start && (b[end-1] == ':' || b[end-1] == '.') {
		end--
	}
	// A colon alone before a dotted quad is none of the address: "ada:192.0.2.1".
	if dot := bytes.IndexByte(b[start:end], '.'); dot > 0 {
		if head := b[start : start+dot]; bytes.Count(head, []byte{':'}) == 1 {
			start += bytes.IndexByte(head, ':') + 1
		}
	}
	return start, end
}

// announced reports whether the words before b[start:end] say that a client's
// address follows.
func announced(b []byte, start, end int) bool {
	if bytes.HasSuffix(b[:start], []byte("[AF_INET]")) || bytes.HasSuffix(b[:start], []byte("[AF_INET6]")) { // OpenVPN
		return true
	}
	i := start
	for i > 0 && (b[i-1] == ' ' || b[i-1] == '"' || b[i-1] == '\'' || b[i-1] == '`' || b[i-1] == '[' || b[i-1] == '(' || b[i-1] == ':' || b[i-1] == '=') {
		i--
	}
	j := i
	for j > 0 && !beforeWord[b[j-1]] {
		j--
	}
	word := b[j:i]
	if wordMeaning(word) == fClient {
		return true
	}
	if i > 1 && (b[i-1] == '@' && (i < start || b[i-2] == '?') || i == start-1 && len(word) > 1 && isUserWord(wordBefore(b[:i-len(word)]))) {
		return true // 'root'@'192.0.2.1', "user root 192.0.2.1"
	}
	switch string(word) {
	case "from", "From", "FROM", "client", "Client", "IP", "ip", "Ip", "peer", "remote", "host", "Host", "address", "addr", "by", "for", "source", "src", "user", "User":
		return true
	}
	if userGlued(b[:start]) != nil {
		return true
	}
	if end == len(b) {
		return false
	}
	if _, port := portBehindDot(b[start:end]); port != nil { // "192.0.2.1.5022 198.51.100.1.1080: " (Dante)
		_, server := portBehindDot(upTo(trimSpaces(b[end:]), ":"))
		return server != nil
	}
	// The first of two: "192.0.2.1:5022 -> 198.51.100.1:5672", "192.0.2.1 to 198.51.100.1".
	return hasPrefix(trimSpaces(b[end:]), "->") ||
		hasPrefix(b[end:], " to ") && end+4 < len(b) && b[end+4]-'0' <= 9 && isAddress(upTo(b[end+4:], " "))
}

// bracketed reports whether brackets set the address at b[start:end] apart.
func bracketed(b []byte, start, end int) bool {
	return start > 0 && end < len(b) && (b[start-1] == '(' && b[end] == ')' || b[start-1] == '[' && b[end] == ']') && !isOurs(b[:start])
}

// What ends the word before a word, and what may stand around one.
var beforeWord, aroundWord = setOf(" \t,;:([{|="), setOf(" :=[\"'(")

// setOf returns the set of the bytes of s.
func setOf(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

// isOurs reports whether the words before an address say that it is one the
// server talks to or listens on, or no address but a version.
func isOurs(before []byte) bool {
	if bytes.HasSuffix(before, []byte("//")) || bytes.HasSuffix(before, []byte("@")) {
		return true
	}
	if n := len(before); n > 1 && before[n-1] == '/' && isWord(before[n-2]) { // Java: "login.example/192.0.2.1:443", where it connects to
		return true
	}
	end := len(before)
	for end > 0 && (before[end-1] == ' ' || before[end-1] == ':' || before[end-1] == '=' || before[end-1] == '[') {
		end--
	}
	start := bytes.LastIndexByte(before[:end], ' ') + 1
	for start < end && aroundWord[before[end-1]] {
		end--
	}
	for start < end && aroundWord[before[start]] {
		start++
	}
	word := before[start:end]
	switch string(word) {
	case "tcp", "udp", "on", "to", "at", "server", "upstream", "backend", "node", "version", "via", "nameserver", "bind", "listen", "listening",
		"database", "lip", "laddr", "dst", "DST", "destination", "release", "v", "connecting", "connect", "resolver", "local", "broker",
		"ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EPIPE": // libuv, of a call of our own
		return true
	}
	return false
}
