package parsers

import "bytes"

// The setters of a Record take what a log wrote and keep what it means. They
// serve every format, so that "-" or a port is treated alike everywhere.

// setClient sets Client and ClientPort from an address with or without port or
// brackets, or a host name. "-" and "unknown" are nothing. Of a list the first counts.
func (r *Record) setClient(b []byte) {
	b = bytes.TrimSpace(b)
	if i := bytes.IndexByte(b, ','); i >= 0 { // of hops the first
		b = bytes.TrimSpace(b[:i])
	}
	host, port := splitPort(b)
	if isNothing(host) || !isHost(host) {
		return
	}
	r.Client, r.ClientPort = host, port
}

// splitPort splits "192.0.2.1:80", "[2001:db8::1]:80" and what has no port.
func splitPort(b []byte) (host, port []byte) {
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return b, nil
		}
		if rest := b[end+1:]; len(rest) > 1 && rest[0] == ':' && isDigits(rest[1:]) {
			port = rest[1:]
		}
		return b[1:end], port
	}
	if i := bytes.IndexByte(b, ':'); i >= 0 {
		rest := b[i+1:]
		if bytes.IndexByte(rest, ':') < 0 {
			if isDigits(rest) {
				return b[:i], rest
			}
			return b, nil
		}
		if isIPv4(b[:i]) { // and an interface behind the port: SonicWall
			return b[:i], portOf(rest)
		}
		// An IPv6 address without brackets; a mapped one may still have a port:
		// ::ffff:192.0.2.1:80.
		if last := bytes.LastIndexByte(b, ':'); bytes.IndexByte(b, '.') > 0 && bytes.IndexByte(b, '.') < last && isDigits(b[last+1:]) {
			return b[:last], b[last+1:]
		}
	}
	return b, nil
}

// setUser sets User, unless b stands for nobody.
func (r *Record) setUser(b []byte) {
	if !isNothing(b) {
		r.User = b
	}
}

// setRequest sets Method and URL from a request line, "GET /x HTTP/1.1", with or
// without protocol. What isn't one (TLS bytes, "-") sets nothing.
func (r *Record) setRequest(b []byte) bool {
	i := bytes.IndexByte(b, ' ')
	if i < 0 || !isMethod(b[:i]) {
		return false
	}
	method, url := b[:i], b[i+1:]
	if j := bytes.LastIndexByte(url, ' '); j >= 0 && isProtocol(url[j+1:]) {
		url = url[:j]
	}
	if len(url) == 0 {
		return false
	}
	r.Method = method
	r.setURL(url)
	return true
}

// setURL sets URL, Path and, where the URL is absolute, Domain.
func (r *Record) setURL(u []byte) {
	if isNothing(u) {
		return
	}
	r.URL = u
	path := u
	if u[0] != '/' {
		if i := bytes.Index(u[:min(len(u), 12)], []byte("://")); i > 0 {
			rest := u[i+3:]
			end := bytes.IndexAny(rest, "/?#")
			if end < 0 {
				end = len(rest)
			}
			r.setDomain(rest[:end])
			path = rest[end:]
		}
	}
	for i, c := range path {
		if c == '?' || c == '#' {
			path = path[:i]
			break
		}
	}
	r.Path = path
}

// setDomain sets Domain from an authority: without user and port.
func (r *Record) setDomain(b []byte) {
	if i := bytes.LastIndexByte(b, '@'); i >= 0 {
		b = b[i+1:]
	}
	host, _ := splitPort(b)
	if !isNothing(host) {
		r.Domain = host
	}
}

// parseStatus returns the HTTP status that b is, three digits from 100 to 599, or 0.
func parseStatus(b []byte) uint16 {
	if len(b) != 3 || b[0]-'1' > 4 || b[1]-'0' > 9 || b[2]-'0' > 9 {
		return 0
	}
	return uint16(b[0]-'0')*100 + uint16(b[1]-'0')*10 + uint16(b[2]-'0')
}

// isNothing reports whether b is what logs write for no value.
func isNothing(b []byte) bool {
	switch len(b) {
	case 0:
		return true
	case 1:
		return b[0] == '-'
	case 2:
		return string(b) == `""` || string(b) == "--"
	case 3:
		return string(b) == `"-"` || string(b) == "nil"
	case 4:
		return string(b) == "null" || string(b) == "None"
	case 5:
		return string(b) == "<nil>"
	case 6:
		return string(b) == "(null)" || string(b) == "<none>"
	case 7:
		return string(b) == "unknown"
	case 9:
		return string(b) == "undefined"
	}
	return false
}

// isMethod reports whether b can be a method: RFC 9110 names them of capital
// letters, and tools for probing invent more of the kind.
func isMethod(b []byte) bool {
	if len(b) < 2 || len(b) > 24 {
		return false
	}
	for _, c := range b {
		if c-'A' > 25 && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// isProtocol reports whether b is the last word of a request line.
func isProtocol(b []byte) bool {
	if len(b) < 5 || len(b) > 10 {
		return false
	}
	switch string(b[:5]) {
	case "HTTP/", "RTSP/", "ICAP/", "http/":
		return true
	}
	return string(b) == "HTTP2" || string(b) == "HTTP3"
}

// isHost reports whether b can be an address or a host name.
func isHost(b []byte) bool {
	if len(b) == 0 || len(b) > 255 {
		return false
	}
	for _, c := range b {
		if !hostByte[c] {
			return false
		}
	}
	return true
}

var hostByte = func() (t [256]bool) {
	for c := range t {
		t[c] = isWord(byte(c)) && c < 0x80 || c == '.' || c == ':' || c == '-' || c == '%'
	}
	return t
}()

func isDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return len(b) > 0
}

// isAddress reports whether b is an IP address as logs write it, without port.
func isAddress(b []byte) bool {
	return isIPv4(b) || isIPv6(b)
}

func isIPv4(b []byte) bool {
	if len(b) < 7 || len(b) > 15 {
		return false
	}
	dots, digits, value := 0, 0, 0
	for _, c := range b {
		switch {
		case c-'0' <= 9:
			digits++
			value = value*10 + int(c-'0')
			if digits > 3 || value > 255 {
				return false
			}
		case c == '.' && digits > 0:
			dots++
			digits, value = 0, 0
		default:
			return false
		}
	}
	return dots == 3 && digits > 0
}

func isIPv6(b []byte) bool {
	if i := bytes.IndexByte(b, '%'); i > 0 {
		b = b[:i]
	}
	if len(b) < 2 || len(b) > 45 {
		return false
	}
	colons, run, double := 0, 0, false
	for i, c := range b {
		switch {
		case c == ':':
			colons++
			if i > 0 && b[i-1] == ':' {
				if double {
					return false
				}
				double = true
			}
			run = 0
		case c-'0' <= 9 || c|0x20-'a' <= 5:
			if run++; run > 4 {
				return false
			}
		case c == '.':
			i := bytes.LastIndexByte(b, ':')
			return i > 0 && double && isIPv4(b[i+1:])
		default:
			return false
		}
	}
	return double && colons >= 2 && colons <= 7 || !double && colons == 7 && run > 0
}

// isLevel reports whether b is the name of a level, in any case.
func isLevel(b []byte) bool {
	if len(b) < 3 || len(b) > 13 {
		return false
	}
	var low [13]byte
	for i, c := range b {
		low[i] = c | 0x20
	}
	switch string(low[:len(b)]) {
	case "trace", "trce", "trc", "debug", "dbug", "dbg", "info", "inf", "information", "informational", "notice", "warn", "warning", "wrn",
		"error", "erro", "err", "eror", "fail", "severe", "critical", "crit", "fatal", "ftl", "panic", "alert", "emerg", "emergency",
		"config", "fine", "finer", "finest", "verbose", "vrb", "audit", "silly", "stat":
		return true
	}
	return false
}
