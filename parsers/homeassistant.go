package parsers

import "bytes"

var _ = register(Parser{
	Name: "home-assistant",
	Doc: `Home Assistant: refused logins

"stamp WARNING (thread) [logger] ... from HOST (ADDRESS). Requested URL: '...'. (AGENT)":
components/http/ban.py. Its other lines are format stamped-text.`,
	Layer: App,
	First: "12",
	Dated: "__________ ",
	Order: 49,
	Parse: parseHomeAssistant,
})

func parseHomeAssistant(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[4] != '-' || t[10] != ' ' || t[19] == ',' {
		return false
	}
	logger := bytes.Index(t[:min(len(t), 100)], []byte(") [homeassistant."))
	if logger < 0 {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 {
		return false
	}
	level, _ := cutWord(trimSpaces(t[n:]))
	name, text, ok := cutBracket(t[logger+2:])
	if !ok || !isLevel(level) {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, name
	from := after(text, " from ")
	if i := bytes.Index(from, []byte("). ")); i >= 0 {
		host := from[:i]
		rest := from[i+3:]
		if j := bytes.LastIndexByte(host, '('); j >= 0 {
			r.setClient(host[j+1:])
		}
		if url := bytes.TrimPrefix(rest, []byte("Requested URL: '")); len(url) < len(rest) {
			if j := bytes.Index(url, []byte("'. (")); j >= 0 {
				r.setURL(url[:j])
				rest = url[j+3:]
			}
		}
		if len(rest) > 2 && rest[0] == '(' && rest[len(rest)-1] == ')' {
			r.UserAgent = rest[1 : len(rest)-1]
		}
		r.Message = bytes.TrimSuffix(text[:len(text)-len(from)], []byte(" from "))
		return true
	}
	r.pick(text, s)
	return true
}
