package parsers

import "bytes"

var _ = register(Parser{
	Name: "zap-console",
	Doc: `zap's console encoder: Caddy on a terminal, controllers of Kubernetes

"stamp TAB LEVEL TAB logger TAB caller TAB text TAB {fields}". The fields are JSON.`,
	First: "0123456789",
	Order: 17,
	Parse: parseZapConsole,
})

func parseZapConsole(r *Record, s *Scratch) bool {
	t := r.Text
	tab := bytes.IndexByte(t[:min(len(t), 40)], '\t')
	if tab < 8 {
		return false
	}
	when, n := s.Any(t[:tab], true)
	if n != tab {
		return false
	}
	level, rest := cutByte(t[tab+1:], '\t')
	if !isLevel(level) || len(rest) == 0 {
		return false
	}
	when.Set(r)
	r.Level = level
	// Columns without spaces before the text are the logger and the caller.
	for {
		column, after := cutByte(rest, '\t')
		if len(after) == 0 || bytes.IndexByte(column, ' ') >= 0 || after[0] == '{' {
			break
		}
		if i := bytes.LastIndexByte(column, ':'); i < 1 || !isDigits(column[i+1:]) {
			if r.Logger != nil {
				break
			}
			r.Logger = column
		}
		rest = after
	}
	text, fields := rest, []byte(nil)
	if i := bytes.Index(rest, []byte("\t{")); i >= 0 {
		text, fields = rest[:i], rest[i+1:]
	}
	if fields == nil {
		r.pick(text, s)
		return true
	}
	r.Message = text
	r.readJSON(fields, s)
	when.Set(r)
	r.Level = level
	return true
}
