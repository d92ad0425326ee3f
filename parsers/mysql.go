package parsers

import "bytes"

var _ = register(Parser{
	Name: "mysql",
	Doc: `MySQL and MariaDB error log

"stamp thread [Level] [MY-000000] [Server] text", before MySQL 5.7 and MariaDB 10.1
"YYMMDD time [Level] text"; refused logins name 'user'@'host'.
https://dev.mysql.com/doc/refman/8.4/en/error-log-format.html`,
	Layer: App,
	First: "0123",
	Order: 58,
	Parse: parseMySQL,
})

func parseMySQL(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 {
		return false
	}
	var when Stamp
	n, open := 0, 0
	switch {
	case t[6] == ' ' && t[16] == '[':
		open = 16
	case t[4] == '-' && (t[10] == 'T' || t[10] == ' '):
		open = bytes.IndexByte(t[19:min(len(t), 60)], '[')
		if open < 2 || t[18+open] != ' ' || t[17+open]-'0' > 9 { // a number of a thread before
			return false
		}
		open += 19
	default:
		return false
	}
	level, rest, _ := cutBracket(t[open:])
	switch string(level) {
	case "Note", "Warning", "ERROR", "System":
	default:
		return false
	}
	if open == 16 {
		if when, n = s.TwoDigitYear(t); n != 15 {
			return false
		}
	} else if when, n = s.ISO(t); n == 0 || n >= open || !isDigits(bytes.TrimSpace(t[n:open])) {
		return false
	}
	when.Set(r)
	r.Level = level
	if code, after, ok := cutBracket(rest); ok && hasPrefix(code, "MY-") {
		r.Code, rest = code, after
		if system, after, ok := cutBracket(rest); ok {
			r.Logger, rest = system, after
		}
	}
	if who := after(rest, " user '"); who != nil {
		if i := bytes.LastIndex(who, []byte("'@'")); i >= 0 {
			if i > 0 {
				r.setUser(who[:i])
			}
			if host := upTo(who[i+3:], "'"); string(host) != "localhost" {
				r.setClient(host)
			}
		}
	}
	r.pick(rest, s)
	return true
}
