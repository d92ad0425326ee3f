package parsers

import "bytes"

var _ = register(Parser{
	Name: "spring-boot",
	Doc: `Spring Boot's console
stamp LEVEL pid --- [app] [thread] logger : words, of Boot 2 and 3
(https://docs.spring.io/spring-boot/reference/features/logging.html).`,
	First: "0123456789",
	Order: 110,
	Parse: parseSpringBoot,
})

func parseSpringBoot(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[4] != '-' || t[7] != '-' {
		return false
	}
	dash := bytes.Index(t[19:min(len(t), 64)], []byte(" --- ["))
	if dash < 0 {
		return false
	}
	dash += 19
	stamp, n := s.ISO(t)
	if n == 0 || n >= dash {
		return false
	}
	level, _ := cutByte(trimSpaces(t[n:dash]), ' ')
	if !isLevel(level) {
		return false
	}
	rest := t[dash+5:]
	var id []byte
	for len(rest) > 0 && rest[0] == '[' {
		end := bytes.IndexByte(rest, ']')
		if end < 0 {
			return false
		}
		if in := rest[1:end]; bytes.IndexByte(in, ',') > 0 || len(in) >= 16 && isID(in) { // trace and span of Micrometer
			id = in
			if i := bytes.LastIndexByte(id, ','); i > 0 && len(id)-i > 8 {
				id = id[:i]
			}
			id = id[bytes.LastIndexByte(id, ',')+1:]
			if i := bytes.IndexByte(id, '-'); i == 32 {
				id = id[:i]
			}
		}
		rest = trimSpaces(rest[end+1:])
	}
	colon := bytes.Index(rest[:min(len(rest), 120)], []byte(" : "))
	if colon < 0 {
		colon = bytes.IndexByte(rest[:min(len(rest), 120)], ':')
		if colon < 0 {
			return false
		}
	}
	stamp.Set(r)
	r.Level = level
	r.Logger = bytes.TrimRight(rest[:colon], " ")
	if len(id) >= 16 && isID(id) {
		r.TraceID = id
	}
	words := trimSpaces(rest[min(len(rest), colon+3):])
	if event, ok := bytes.CutPrefix(words, []byte("Authentication event ")); ok { // LoggerListener
		if _, name, ok := bytes.Cut(event, []byte(": ")); ok {
			if name, _, ok = bytes.Cut(name, []byte("; details: ")); ok {
				r.setUser(name)
			}
		}
	}
	r.pick(words, s)
	return true
}
