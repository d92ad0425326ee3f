package parsers

import "bytes"

var _ = register(Parser{
	Name: "samba",
	Doc: `Samba: the debug header and its text

"[2026/11/20 09:15:02.118200,  2] file.c:635(function)", then the text on the next
line; of an authentication event "Auth: [service] user [domain]\[user] ... status
[NT_STATUS_...] ... remote host [ipv4:192.0.2.1:5022]". The code is the NT status.`,
	Layer: App,
	First: "[",
	Order: 24,
	Parse: parseSamba,
})

func parseSamba(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[5] != '/' || t[8] != '/' {
		return false
	}
	head, rest, ok := cutBracket(t)
	comma := bytes.IndexByte(head, ',')
	if !ok || comma < 19 {
		return false
	}
	where, text := cutByte(rest, '\n')
	if open := bytes.IndexByte(where, '('); open < 3 || where[len(where)-1] != ')' || bytes.IndexByte(where[:open], ':') < 1 {
		return false
	}
	when, n := s.ISO(head)
	if n != comma {
		return false
	}
	when.Set(r)
	r.Logger = upTo(where, ":")
	r.sambaEvent(bytes.TrimSpace(text), s)
	return true
}

// sambaEvent reads the text of an event; syslog carries it alone.
func (r *Record) sambaEvent(text []byte, s *Scratch) {
	if i := bytes.Index(text, []byte("NT_STATUS_")); i >= 0 {
		end := i
		for end < len(text) && isWord(text[end]) {
			end++
		}
		r.Code = text[i:end]
		if r.Outcome = Failure; string(r.Code) == "NT_STATUS_OK" {
			r.Outcome = Success
		}
	}
	if user := after(text, " user ["); user != nil {
		if i := bytes.Index(user, []byte(`]\[`)); i >= 0 {
			user = user[i+3:]
		}
		r.setUser(upTo(user, "]"))
	}
	if host := afterLast(text, "remote host [ipv"); len(host) > 2 {
		r.setClient(upTo(host[2:], "]"))
	}
	r.pick(text, s)
}
