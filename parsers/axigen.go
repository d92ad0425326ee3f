package parsers

import "bytes"

var _ = register(Parser{
	Name: "axigen",
	Doc: `Axigen's mail server
"2026-11-22 00:12:31 +0100 08 host SERVICE:session: text". The client's address stands
where a session begins, behind a proxy one line later; what was refused doesn't name it.`,
	Layer: App,
	First: "2",
	Order: 51,
	Parse: parseAxigen,
})

func parseAxigen(r *Record, s *Scratch) bool {
	t := r.Text
	when, n := s.ISO(t)
	if n < 25 || len(t) < n+12 || t[n] != ' ' || t[n+3] != ' ' || two(t, n+1) < 0 {
		return false
	}
	_, rest := cutWord(t[n+4:]) // the host
	session, text := cutWord(rest)
	colon := bytes.IndexByte(session, ':')
	if colon < 2 || len(session) < colon+3 || session[len(session)-1] != ':' || session[0]-'A' > 25 {
		return false
	}
	when.Set(r)
	r.Logger, r.Thread = session[:colon], session[:len(session)-1]
	r.Part = GoesOn
	if _, client, ok := cutBracket(text); ok && hasPrefix(client, "connection accepted from [") {
		r.Part, r.Message = Begins, text
		r.setClient(upTo(after(client, "["), "]"))
		return true
	}
	if hasPrefix(text, "Remote address updated from '") {
		r.Message = text
		r.setClient(upTo(after(text, "' to '"), "'"))
		return true
	}
	r.pick(text, s)
	r.Client, r.ClientPort = nil, nil // what looks like one is part of a name
	if status := after(text, " code="); r.Method != nil && status != nil {
		r.Status = parseStatus(upTo(status, " "))
	}
	return true
}
