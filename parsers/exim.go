package parsers

import "bytes"

var _ = register(Parser{
	Name: "exim",
	Doc: `Exim: refused logins in mainlog and rejectlog, and mail taken from who logged in

"stamp [pid] name authenticator failed for host (helo) [address]:port: 535 text (set_id=user)",
"stamp id <= sender H=host (helo) [address] P=esmtpsa A=name:user" (the specification's
chapter on log files).`,
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
	refused := bytes.Contains(t[20:min(len(t), 90)], []byte(" authenticator failed for "))
	if !refused && !bytes.Contains(t[20:min(len(t), 60)], []byte(" <= ")) {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 {
		return false
	}
	text := t[20:]
	if !refused {
		return r.eximTaken(when, text)
	}
	when.Set(r)
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

// eximTaken reads of mail that was taken who logged in to send it. Much in it is the
// client's to choose: what may hold blanks stands in quotes, sender and subject, or, as
// its name for itself, before the address and A=, the last of which count.
func (r *Record) eximTaken(when Stamp, text []byte) bool {
	var word, address, client, login []byte
	for rest := text; len(rest) > 0; {
		if word, rest = eximWord(rest); hasPrefix(word, "[") {
			address = word
		} else if hasPrefix(word, "A=") {
			client, login = address, word
		}
	}
	if _, user := cutByte(login, ':'); client == nil || !r.setAddress(client) {
		return false
	} else {
		r.setUser(user)
	}
	when.Set(r)
	r.Outcome, r.Message = Success, text
	return true
}

// eximWord cuts off what reaches to the first blank that isn't in quotes.
func eximWord(b []byte) (word, rest []byte) {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}
