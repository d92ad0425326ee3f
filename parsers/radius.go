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

var _ = register(Parser{
	Name: "krb5kdc",
	Doc: `MIT Kerberos' key distribution centre

"stamp host krb5kdc[pid](level): AS_REQ (etypes) address: CODE: principal for service, text".`,
	Layer: IDP,
	First: "JFMASOND",
	Order: 39,
	Parse: parseKDC,
})

func parseFreeRADIUS(r *Record, s *Scratch) bool {
	t := r.Text
	var when Stamp
	rest := t
	if t[0] != '(' {
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

func parseKDC(r *Record, s *Scratch) bool {
	t := r.Text
	i := bytes.Index(t[:min(len(t), 120)], []byte("krb5kdc["))
	if i < 16 {
		return false
	}
	when, n := s.Syslog(t)
	if n == 0 || n >= i {
		return false
	}
	rest := t[i:]
	colon := bytes.Index(rest[:min(len(rest), 40)], []byte("): "))
	if colon < 0 {
		return false
	}
	when.Set(r)
	r.Upstream = bytes.TrimSpace(t[n:i])
	head := rest[:colon]
	if j := bytes.IndexByte(head, '('); j > 0 {
		r.Level = head[j+1:]
	}
	r.Logger = rest[:7]
	rest = rest[colon+3:]
	// AS_REQ (4 etypes {...}) 192.0.2.1: CODE: principal for service, text
	if j := bytes.Index(rest[:min(len(rest), 300)], []byte("}) ")); j >= 0 {
		addr, _, tail := cutAddress(rest[j+3:])
		if addr != nil && hasPrefix(tail, ": ") {
			r.Client = addr
			tail = tail[2:]
			code := upTo(tail, ": ")
			if len(code) < len(tail) && len(code) < 40 {
				r.Code = code
				who := tail[len(code)+2:]
				if k := bytes.Index(who, []byte(" for ")); k > 0 && bytes.IndexByte(code, ' ') < 0 {
					r.setUser(who[:k])
				}
			}
		}
	}
	r.Message = rest
	return true
}
