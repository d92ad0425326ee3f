package parsers

import "bytes"

var _ = register(Parser{
	Name: "jul",
	Doc: `java.util.logging: Tomcat, GlassFish, Jenkins

Tomcat's one line ("14-Mar-2026 09:26:53.589 FINE [thread] class.method text"),
the two lines of SimpleFormatter ("Mar 14, 2026 9:26:53 AM class method", then
"WARNING: text"), and Jenkins ("stamp [id=24] LEVEL class#method: text", with tabs).`,
	Layer: App,
	First: "0123456789JFMASOND",
	Order: 41,
	Parse: parseJUL,
})

func parseJUL(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 26 {
		return false
	}
	switch {
	case t[2] == '-' && t[6] == '-':
		return parseTomcat(r, s)
	case t[4] == '-' && t[0]-'0' <= 9:
		return parseJenkins(r, s)
	case t[3] == ' ' && t[0]-'A' <= 25:
		return parseSimpleFormatter(r, s)
	}
	return false
}

func parseTomcat(r *Record, s *Scratch) bool {
	t := r.Text
	when, n := s.DayMonthYear(t)
	if n == 0 || n >= len(t) || t[n] != ' ' {
		return false
	}
	level, rest := cutWord(t[n+1:])
	thread, rest, ok := cutBracket(rest)
	if !isLevel(level) || !ok || len(thread) == 0 {
		return false
	}
	when.Set(r)
	r.Level = level
	r.Logger, r.Message = cutWord(rest)
	tomcatSubject(r)
	r.pick(r.Message, s)
	return true
}

func parseSimpleFormatter(r *Record, s *Scratch) bool {
	t := r.Text
	when, n := s.MonthDayYear(t)
	nl := bytes.IndexByte(t, '\n')
	if n == 0 || nl < n+3 || t[n] != ' ' {
		return false
	}
	level := upTo(t[nl+1:], ": ")
	if !isLevel(level) {
		return false
	}
	when.Set(r)
	r.Level = level
	r.Logger = bytes.TrimRight(t[n+1:nl], " \r")
	r.Message = t[min(len(t), nl+1+len(level)+2):]
	tomcatSubject(r)
	r.pick(r.Message, s)
	return true
}

// 2026-03-14 09:26:53.589+0000 [id=24]	WARNING	class#method: text
func parseJenkins(r *Record, s *Scratch) bool {
	t := r.Text
	i := bytes.IndexByte(t[:min(len(t), 41)], '[') - 1
	if i < 19 || !hasPrefix(t[i:], " [id=") {
		return false
	}
	when, n := s.ISO(t)
	if n != i {
		return false
	}
	_, rest, _ := cutBracket(t[i+1:])
	tab := bytes.IndexByte(rest, '\t')
	if tab != 0 {
		return false
	}
	level := upTo(rest[1:], "\t")
	if !isLevel(level) {
		return false
	}
	rest = bytes.TrimPrefix(rest[1+len(level):], []byte("\t"))
	when.Set(r)
	r.Level = level
	r.Message = rest
	if i := bytes.Index(rest, []byte(": ")); i > 0 && bytes.IndexByte(rest[:i], ' ') < 0 {
		r.Logger, r.Message = rest[:i], rest[i+2:]
	}
	r.pick(r.Message, s)
	return true
}

// tomcatSubject finds what Tomcat's realms and valves name in brackets: a user,
// a path, the address of the client.
func tomcatSubject(r *Record) {
	m := r.Message
	if i := bytes.IndexByte(m, '['); i > 0 {
		value := m[i+1:]
		end := bytes.LastIndexByte(value, ']')
		if end < 0 {
			return
		}
		if j := bytes.Index(value, []byte("] ")); j >= 0 {
			end = j
		}
		switch before := m[:i]; {
		case bytes.HasSuffix(before, []byte("User ")), bytes.HasSuffix(before, []byte("Username ")), bytes.HasSuffix(before, []byte("user ")):
			r.setUser(value[:end])
		case bytes.HasSuffix(before, []byte("request for ")):
			r.setURL(value[:end])
			if p := after(value[end:], "property ["); p != nil {
				r.setAddress(p)
			}
		}
	}
}
