package parsers

import "bytes"

var _ = register(Parser{
	Name: "centreon",
	Doc: `Centreon's login log

"stamp|code|x|x|[WEB] [address] text".`,
	Layer: App,
	First: "2",
	Dated: "__________ ________|",
	Order: 52,
	Parse: parseCentreon,
})

func parseCentreon(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[4] != '-' || t[10] != ' ' || t[19] != '|' {
		return false
	}
	i := bytes.LastIndexByte(t[:min(len(t), 60)], '|')
	when, n := s.ISO(t)
	if n != 19 || i < 22 {
		return false
	}
	when.Set(r)
	text := t[i+1:]
	if where, rest, ok := cutBracket(text); ok {
		r.Logger, text = where, rest
	}
	if addr, rest, ok := cutBracket(text); ok && isAddress(addr) {
		r.Client, text = addr, rest
	}
	if who := after(text, " for '"); who != nil {
		if i := bytes.LastIndexByte(who, '\''); i > 0 {
			r.setUser(who[:i])
		}
	}
	r.pick(text, s)
	return true
}
