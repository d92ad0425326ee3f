package parsers

import "bytes"

var _ = register(Parser{
	Name: "gitea",
	Doc: `Gitea and Forgejo console log

"2006/01/02 15:04:05 file:line:function() [L] [request] text".`,
	Layer: App,
	First: "12",
	Dated: "no",
	Order: 47,
	Parse: parseGitea,
})

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
	last := bytes.LastIndex(b, []byte(" from "))
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
	return last
}
