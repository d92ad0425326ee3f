package parsers

import "bytes"

var _ = register(Parser{
	Name: "exim",
	Doc: `Exim: refused logins in mainlog and rejectlog

"stamp [pid] name authenticator failed for host (helo) [address]:port: 535 text (set_id=user)".`,
	Layer: App,
	First: "2",
	Dated: "__________ ________ ",
	Order: 61,
	Parse: parseExim,
})

func parseExim(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 50 || t[10] != ' ' || t[4] != '-' || t[19] != ' ' {
		return false
	}
	i := bytes.Index(t[20:min(len(t), 90)], []byte(" authenticator failed for "))
	if i < 0 {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 {
		return false
	}
	when.Set(r)
	text := t[20:]
	if pid, rest, ok := cutBracket(text); ok && isDigits(pid) {
		text = rest
	}
	// The name comes last, and what the client called itself, in parentheses, before the address.
	if k := bytes.Index(text, []byte(" (set_id=")); k > 0 && text[len(text)-1] == ')' {
		r.setUser(text[k+9 : len(text)-1])
		text = text[:k]
	}
	if j := bytes.LastIndex(text, []byte(" [")); j >= 0 && r.setAddress(text[j+1:]) {
		if k := bytes.Index(text[j:], []byte("]:")); k >= 0 {
			text = text[j+k+2:]
			if k := bytes.Index(text, []byte(": ")); k >= 0 && k < 7 && isDigits(text[:k]) {
				text = text[k+2:]
			}
		}
	}
	r.Message = bytes.TrimSpace(text)
	return true
}
