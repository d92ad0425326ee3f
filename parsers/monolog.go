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
	monologContext(r, s)
	when.Set(r)
	return true
}

// monologContext reads the class of an exception, the user and the like from the
// context, and from what processors add behind it.
func monologContext(r *Record, s *Scratch) {
	m := r.Message
	open := bytes.Index(m, []byte(` {"`))
	if open < 0 {
		r.Message = bytes.TrimSuffix(m, []byte(" [] []"))
		return
	}
	context := m[open+1:]
	r.Message = m[:open]
	class := after(context, `"[object] (`)
	if class == nil {
		if rest := trimSpaces(r.readJSON(context, s)); hasPrefix(rest, `{"`) { // what a processor added
			r.monologExtra(rest, s)
		}
		return
	}
	// The exception repeats the text, over lines that are no JSON.
	if i := bytes.IndexByte(class, '('); i > 0 {
		r.ErrorType = class[:i]
		if bytes.IndexByte(r.ErrorType, '\\') >= 0 {
			r.ErrorType = s.Unescape(r.ErrorType)
		}
	}
	if i := bytes.LastIndex(context, []byte("} {")); i >= 0 { // what a processor added
		r.monologExtra(context[i+2:], s)
	}
}

// monologExtra reads what processors add. UidProcessor's "uid" is the request's.
func (r *Record) monologExtra(b []byte, s *Scratch) {
	user, before := r.User, len(r.Attrs)
	r.readJSON(b, s)
	for i := before; i < len(r.Attrs); i++ {
		if a := &r.Attrs[i]; string(a.Key) == "uid" && a.Parent < 0 {
			if r.User = user; r.RequestID == nil {
				r.RequestID = a.Value
			}
		}
	}
}
