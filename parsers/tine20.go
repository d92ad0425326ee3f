package parsers

import "bytes"

var _ = register(Parser{
	Name: "tine20",
	Doc: `Tine 2.0

"id request -- user -- - stamp LEVEL (n): class::method::line text".`,
	Layer: App,
	First: "0123456789abcdef",
	Dated: "no",
	Order: 53,
	Parse: parseTine,
})

func parseTine(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[5] != ' ' {
		return false
	}
	i := bytes.Index(t[:24], []byte(" -- "))
	if i < 5 {
		return false
	}
	j := bytes.Index(t[i+4:min(len(t), 160)], []byte(" - "))
	if j < 0 {
		return false
	}
	user := t[i+4 : i+4+j]
	j += i + 4
	when, n := s.ISO(t[j+3:])
	if n == 0 {
		return false
	}
	level, rest := cutWord(trimSpaces(t[j+3+n:]))
	number, text := cutWord(rest)
	if !isLevel(level) || len(number) < 3 || number[0] != '(' {
		return false
	}
	when.Set(r)
	r.Level = level
	user = bytes.TrimRight(upTo(user, " --"), " -")
	if string(user) != "none" {
		r.setUser(user)
	}
	_, r.RequestID = cutWord(t[:i])
	if where, rest := cutWord(text); bytes.Contains(where, []byte("::")) {
		r.Logger, text = where, rest
	}
	if who := after(text, "with username "); who != nil {
		if i := bytes.LastIndex(who, []byte(" from ")); i > 0 && r.setAddress(who[i+6:]) {
			r.setUser(who[:i])
		}
	}
	r.pick(text, s)
	return true
}
