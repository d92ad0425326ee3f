package parsers

import "bytes"

var _ = register(Parser{
	Name: "freeradius",
	Doc: `FreeRADIUS

"stamp : Auth: (5) Login incorrect (reason): [user/password] (from client x port n cli x)".
What stands behind the slash may be the password: it is no part of the message.`,
	Layer: AuthService,
	First: "SMTWFL(",
	Order: 38,
	Parse: parseFreeRADIUS,
})

func parseFreeRADIUS(r *Record, s *Scratch) bool {
	t := r.Text
	var when Stamp
	rest := t
	if t[0] != '(' && !hasPrefix(t, "Login ") {
		if len(t) < 50 || t[3] != ' ' {
			return false
		}
		if i := bytes.Index(t[:34], []byte(" : ")); i >= 24 && t[0] != 'L' {
			n := 0
			if when, n = s.Ctime(t); n == 0 {
				return false
			}
			rest = t[i+3:]
		}
	}
	rest = bytes.TrimPrefix(rest, []byte("Auth: "))
	if len(rest) > 3 && rest[0] == '(' {
		id, after := cutWord(rest)
		if id[len(id)-1] != ')' || !isDigits(id[1:len(id)-1]) {
			return false
		}
		rest = trimSpaces(after)
	}
	if !hasPrefix(rest, "Login ") && !hasPrefix(rest, "Invalid user") {
		return false
	}
	open := bytes.Index(rest, []byte(": ["))
	from := bytes.LastIndex(rest, []byte("] (from client "))
	if open < 0 || from < open {
		return false
	}
	if when.Time != 0 {
		when.Set(r)
	}
	r.Message = rest[:open]
	user := rest[open+3 : from]
	if i := bytes.IndexByte(user, '/'); i >= 0 {
		user = user[:i]
	}
	r.setUser(user)
	if cli := afterLast(rest[from:], " cli "); cli != nil {
		r.setAddress(cli)
	}
	if r.Outcome = Failure; hasPrefix(rest, "Login OK") {
		r.Outcome = Success
	}
	return true
}
