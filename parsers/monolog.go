package parsers

import "bytes"

var _ = register(Parser{
	Name: "monolog",
	Doc: `Monolog's line formatter: Laravel, Symfony, Magento

"[stamp] channel.LEVEL: text {context} {extra}".
https://github.com/Seldaek/monolog/blob/main/doc/message-structure.md`,
	Layer: App,
	First: "[",
	Order: 13,
	Parse: parseMonolog,
})

func parseMonolog(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[1]-'0' > 9 || t[5] != '-' {
		return false
	}
	when, n := s.ISO(t[1:])
	if n == 0 || !hasPrefix(t[n+1:], "] ") {
		return false
	}
	head := upTo(t[n+3:min(len(t), n+120)], ": ")
	dot := bytes.LastIndexByte(head, '.')
	if dot < 1 || bytes.IndexByte(head, ' ') >= 0 || !isLevel(head[dot+1:]) && string(head[dot+1:]) != "EMERGENCY" {
		return false
	}
	when.Set(r)
	r.Logger, r.Level = head[:dot], head[dot+1:]
	r.Message = t[min(len(t), n+3+len(head)+2):]
	monologContext(r)
	return true
}

// monologContext reads the class of an exception, and the user, from the context.
func monologContext(r *Record) {
	m := r.Message
	open := bytes.Index(m, []byte(` {"`))
	if open < 0 {
		r.Message = bytes.TrimSuffix(m, []byte(" [] []"))
		return
	}
	context := m[open:]
	if class := after(context, `"[object] (`); class != nil {
		if i := bytes.IndexByte(class, '('); i > 0 {
			r.ErrorType = class[:i]
		}
	}
	for _, key := range [...]string{`"username":"`, `"user":"`, `"email":"`} {
		if v := after(context, key); v != nil {
			if i := bytes.IndexByte(v, '"'); i > 0 {
				r.setUser(v[:i])
				break
			}
		}
	}
	for _, key := range [...]string{`"ip":"`, `"client_ip":"`, `"ip_address":"`} {
		if v := after(context, key); v != nil && r.setAddress(v) {
			break
		}
	}
	r.Message = m[:open]
}
