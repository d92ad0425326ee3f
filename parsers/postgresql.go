package parsers

import "bytes"

var _ = register(Parser{
	Name: "postgresql",
	Doc: `PostgreSQL server log

"%m [%p] " and what else log_line_prefix puts there (user@database, client), then
"LEVEL:  text". https://www.postgresql.org/docs/current/runtime-config-logging.html`,
	Layer: App,
	First: "2",
	Dated: "__________ ",
	Order: 59,
	Parse: parsePostgreSQL,
})

func parsePostgreSQL(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[10] != ' ' || t[4] != '-' {
		return false
	}
	colon := bytes.Index(t[19:min(len(t), 200)], []byte(":  "))
	if colon < 3 {
		return false
	}
	colon += 19
	prefix, level := cutLastWord(t[:colon])
	switch string(level) {
	case "FATAL", "ERROR", "LOG", "WARNING", "NOTICE", "PANIC", "DETAIL", "HINT", "STATEMENT", "INFO", "CONTEXT":
	default:
		return false
	}
	when, n := s.ISO(t)
	if n == 0 || n > len(prefix) {
		return false
	}
	when.Set(r)
	r.Level = level
	for fields := bytes.TrimSpace(prefix[n:]); len(fields) > 0; {
		var word []byte
		word, fields = cutWord(fields)
		word = bytes.Trim(word, "[],:")
		switch i := bytes.IndexByte(word, '@'); {
		case len(word) == 0 || isDigits(word):
		case hasPrefix(word, "user=") || hasPrefix(word, "db=") || hasPrefix(word, "client="):
			r.postgresFields(word)
		case i > 0:
			r.setUser(word[:i])
			if isAddress(word[i+1:]) { // "%u@%h"
				r.Client = word[i+1:]
			}
		case word[len(word)-1] == ')': // 192.0.2.1(5022)
			if addr, port := cutByte(word[:len(word)-1], '('); isAddress(addr) {
				r.Client, r.ClientPort = addr, port
			}
		case isAddress(word):
			r.Client = word
		}
	}
	words := trimSpaces(t[colon+1:])
	if from := after(words, "connection received: host="); from != nil {
		host, port := cutByte(from, ' ')
		if r.setClient(host); r.Client != nil && hasPrefix(port, "port=") {
			r.ClientPort = port[5:]
		}
	}
	if string(r.User) == "[unknown]" {
		r.User = nil
	}
	if who := after(words, `authentication failed for user "`); who != nil { // a name is not escaped
		if end := bytes.LastIndexByte(who, '"'); end > 0 {
			r.setUser(who[:end])
			r.Message = words
			return true
		}
	}
	r.pick(words, s)
	return true
}

// postgresFields reads "user=kim,db=shop,client=192.0.2.1".
func (r *Record) postgresFields(b []byte) {
	for len(b) > 0 {
		var pair []byte
		pair, b = cutByte(b, ',')
		switch key, value := cutByte(pair, '='); string(key) {
		case "user":
			r.setUser(value)
		case "client", "host":
			r.setClient(value)
		}
	}
}
