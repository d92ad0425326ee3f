package parsers

import "bytes"

var _ = register(Parser{
	Name: "krakend",
	Doc: `KrakenD's text log

"2006/01/02 15:04:05 PREFIX LEVEL: [ENDPOINT: /path][Component] text": module
krakend-gologging with its default pattern.`,
	Layer: Gateway,
	First: "12",
	Order: 46,
	Parse: parseKrakenD,
})

var _ = register(Parser{
	Name: "gitea",
	Doc: `Gitea and Forgejo console log

"2006/01/02 15:04:05 file:line:function() [L] [request] text".`,
	Layer: App,
	First: "12",
	Order: 47,
	Parse: parseGitea,
})

func parseKrakenD(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[4] != '/' || t[7] != '/' {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 || n >= len(t) {
		return false
	}
	rest := trimSpaces(t[n:])
	head := rest[:min(len(rest), 60)]
	colon := bytes.Index(head, []byte(": "))
	if colon < 0 {
		return false
	}
	prefix, level := cutLastWord(head[:colon])
	if !isLevel(level) || len(prefix) == 0 {
		return false
	}
	for _, c := range prefix { // the service's name, in brackets or not
		if !isWord(c) && c != '[' && c != ']' && c != '-' {
			return false
		}
	}
	rest = rest[colon+2:]
	if string(prefix) != "KRAKEND" && !hasPrefix(rest, "[ENDPOINT: ") && !hasPrefix(rest, "[SERVICE: ") {
		return false // another program's
	}
	when.Set(r)
	r.Level = level
	for {
		in, after, ok := cutBracket(rest)
		if !ok || len(after) == 0 {
			break
		}
		if path := bytes.TrimPrefix(in, []byte("ENDPOINT: ")); len(path) < len(in) {
			if method, url := cutWord(path); isMethod(method) && len(url) > 0 { // newer versions
				r.Method, path = method, url
			}
			r.setURL(path)
		} else {
			r.Logger = in
		}
		rest = after
	}
	r.pick(rest, s)
	return true
}

func parseGitea(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[4] != '/' || t[7] != '/' || t[19] != ' ' {
		return false
	}
	rest := t[20:]
	where, rest := cutWord(rest[:min(len(rest), 160)])
	if !bytes.HasSuffix(where, []byte("()")) || len(rest) < 4 {
		return false
	}
	if rest[0] != '[' || rest[2] != ']' {
		return false
	}
	when, n := s.ISO(t)
	if n != 19 {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = rest[1:2], upTo(where, ":")
	text := trimSpaces(t[20+len(where)+4:])
	if id, after, ok := cutBracket(text); ok && isID(id) {
		r.RequestID, text = id, after
	}
	// "Failed authentication attempt for NAME from ADDRESS: reason [what was looked for]"
	if who := after(text, "authentication attempt for "); who != nil {
		if i := giteaFrom(who); i > 0 && r.setAddress(who[i+6:]) {
			r.setUser(who[:i])
		}
	}
	if m := bytes.TrimPrefix(text, []byte("router: completed ")); len(m) < len(text) {
		giteaRequest(r, m)
		return true
	}
	r.pick(text, s)
	return true
}

// giteaRequest reads "GET /path for 192.0.2.1:0, 200 OK in 12.3ms @ function".
func giteaRequest(r *Record, b []byte) {
	i := bytes.LastIndex(b, []byte(" for "))
	if i < 0 {
		return
	}
	r.setRequest(b[:i])
	addr, rest := cutByte(b[i+5:], ',')
	r.setAddress(addr)
	if status, _ := cutWord(trimSpaces(rest)); len(status) == 3 {
		r.Status = parseStatus(status)
	}
	r.Message = trimSpaces(rest)
}

// giteaFrom returns where " from ADDRESS" stands in b. A name may hold those words;
// the one that was looked for is repeated at the end, up to a comma or bracket.
func giteaFrom(b []byte) int {
	first := bytes.Index(b, []byte(" from "))
	for end, tries := len(b), 0; tries < 8; tries++ {
		i := bytes.LastIndex(b[:end], []byte(" from "))
		if i < 1 {
			break
		}
		if j := bytes.LastIndex(b[i:], b[:i]); j > 2 {
			if rest := b[i+j+i:]; b[i+j-2] == ':' && len(rest) > 0 && (rest[0] == ',' || rest[0] == ']') {
				return i
			}
		}
		end = i
	}
	return first
}
