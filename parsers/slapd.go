package parsers

import "bytes"

var _ = register(Parser{
	Name: "slapd",
	Doc: `OpenLDAP's slapd behind syslog, and 389 Directory Server's access log
"conn=1042 fd=12 ACCEPT from IP=ADDRESS:PORT", "conn=1042 op=0 BIND dn="DN" method=128"
and "conn=1042 op=0 RESULT tag=97 err=49" (statslog in slapd's connection.c, bind.c and
result.c; Directory Server's "connection from ADDRESS to ADDRESS"). The connection's
number holds them together: address, name and answer stand in three lines.`,
	Layer: App,
	First: "c[",
	Order: 61,
	Parse: parseSlapd,
})

func parseSlapd(r *Record, s *Scratch) bool {
	t := r.Text
	var when Stamp
	if t[0] == '[' {
		n := 0
		if len(t) < 40 {
			return false
		}
		if when, n = s.CLF(t[1:]); n == 0 || !hasPrefix(t[n+1:], "] conn=") {
			return false
		}
		t = t[n+3:]
	} else if len(r.Wrappers) == 0 {
		return false
	}
	conn, rest := cutByte(t, ' ')
	if len(conn) < 6 || !hasPrefix(conn, "conn=") || len(rest) == 0 || r.Lines > 1 {
		return false
	}
	what := rest
	if _, after := cutByte(rest, ' '); len(after) > 0 { // fd=12 or op=0
		what = after
	}
	switch {
	case hasPrefix(what, "ACCEPT from IP="):
		r.setClient(upTo(what[len("ACCEPT from IP="):], " "))
		r.Part = Begins
	case hasPrefix(rest, "fd=") && bytes.Contains(what, []byte("connection from ")): // "SSL" may stand before
		_, client, _ := bytes.Cut(what, []byte("connection from "))
		r.setClient(upTo(client, " "))
		r.Part = Begins
	case hasPrefix(what, `BIND dn="`):
		r.setUser(leadingValue(upTo(what[len(`BIND dn="`):], `"`)))
		r.Part = GoesOn
	case hasPrefix(what, "RESULT "):
		r.Part = GoesOn
		first, more := cutByte(what[len("RESULT "):], ' ')
		second, _ := cutByte(more, ' ')
		if bind := []byte("tag=97"); bytes.Equal(first, bind) && string(second) == "err=0" || bytes.Equal(second, bind) && string(first) == "err=0" {
			r.Part, r.Outcome = Ends, Success
		}
	default:
		return false
	}
	when.Set(r)
	r.Thread, r.Message = conn, t
	return true
}

// leadingValue returns the value of a distinguished name's first attribute: "kim" of
// "uid=kim,ou=people" (RFC 4514).
func leadingValue(dn []byte) []byte {
	_, value := cutByte(dn, '=')
	for i, c := range value {
		if (c == ',' || c == '+') && !escapedAt(value, i) {
			return value[:i]
		}
	}
	return value
}
