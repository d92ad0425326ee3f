package parsers

import "bytes"

var _ = register(Parser{
	Name: "python",
	Doc: `Python's logging
LEVEL:logger:words, stamp - logger - LEVEL - words, stamp LEVEL logger words,
Flask's "[stamp] LEVEL in module: words", Django's formatters, and what Django
writes without one: "Forbidden (reason): /path"
(https://docs.python.org/3/library/logging.html).`,
	First: "0123456789[DICEWNFUBM",
	Dated: "__________ ",
	Order: 130,
	Parse: parsePython,
})

func parsePython(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 10 {
		return false
	}
	var h head
	switch c := t[0]; {
	case djangoStatus(t) > 0: // without a formatter
		i := bytes.Index(t, []byte(": /"))
		if r.Lines > 1 || i < 0 || bytes.IndexByte(t[i+2:], ' ') >= 0 {
			return false
		}
		r.Message = t
		r.cutDjangoPath(s)
		return true
	case c == '[':
		end := bytes.IndexByte(t[:min(len(t), 40)], ']')
		if end < 18 {
			return false
		}
		stamp, n := s.Any(t[1:end], false)
		if n == 0 || end+2 >= len(t) {
			return false
		}
		h.stamp = stamp
		level, rest := takeLevel(t[end+2:])
		if level == nil {
			return false
		}
		h.level = level
		switch {
		case bytes.HasPrefix(rest, []byte("in ")): // Flask
			logger, words := cutByte(rest[3:], ' ')
			if len(logger) == 0 || logger[len(logger)-1] != ':' {
				return false
			}
			return h.say(r, s, logger[:len(logger)-1], words)
		case len(rest) > 0 && rest[0] == '[': // Django: [logger:line]
			end := bytes.IndexByte(rest[:min(len(rest), 120)], ']')
			if end < 2 {
				return false
			}
			logger, line := cutByte(rest[1:end], ':')
			if !isLoggerName(logger) || line != nil && !isDigits(line) {
				return false
			}
			return h.say(r, s, logger, trimSpaces(rest[end+1:]))
		}
		return false
	case c-'0' <= 9:
		return parsePythonStamp(r, s, &h)
	}
	// LEVEL first.
	n := 0
	for n < len(t) && t[n]-'A' < 26 {
		n++
	}
	if n < 4 || n >= len(t) || !isLevel(t[:n]) {
		return false
	}
	h.level = t[:n]
	rest := t[n+1:]
	if t[n] == ':' {
		logger, words, ok := bytes.Cut(rest, []byte{':'})
		if !ok || !isLoggerName(logger) {
			return false
		}
		return h.say(r, s, logger, words)
	}
	if t[n] != ' ' {
		return false
	}
	// "LEVEL stamp module process thread words", Django's verbose formatter.
	stamp, w := s.ISO(trimSpaces(rest))
	if w == 0 {
		return false
	}
	h.stamp = stamp
	logger, words := cutByte(trimSpaces(trimSpaces(rest)[w:]), ' ')
	if !isLoggerName(logger) || isLevel(logger) || len(words) == 0 || logger[len(logger)-1] == ':' {
		return false
	}
	for {
		word, after := cutByte(words, ' ')
		if !isDigits(word) || after == nil {
			break
		}
		words = after
	}
	return h.say(r, s, logger, words)
}

// parsePythonStamp reads the layouts that begin with a stamp: of Python only
// where a comma stands before the milliseconds, or hyphens between the parts.
func parsePythonStamp(r *Record, s *Scratch, h *head) bool {
	t := r.Text
	if t[4] != '-' || len(t) < 26 || t[10] != ' ' {
		return false
	}
	stamp, n := s.ISO(t)
	if n == 0 || n+4 > len(t) {
		return false
	}
	h.stamp = stamp
	if t[n] == ' ' && t[n+1] == '-' && t[n+2] == ' ' {
		logger, rest, ok := bytes.Cut(t[n+3:], []byte(" - "))
		level, words, ok2 := bytes.Cut(rest, []byte(" - "))
		if isLevel(logger) && ok { // stamp - LEVEL - words
			h.level = logger
			return h.say(r, s, nil, rest)
		}
		if !ok || !ok2 || !isLevel(level) || len(logger) > 100 {
			return false
		}
		h.level = level
		return h.say(r, s, logger, words)
	}
	if t[19] != ',' {
		return false
	}
	level, rest := takeLevel(trimSpaces(t[n:]))
	if level == nil {
		return false
	}
	h.level = level
	rest = trimSpaces(rest)
	logger, words := cutByte(rest, ' ')
	if len(words) == 0 || !isLoggerName(logger) || !isDotted(logger) && !isPythonLogger(logger) {
		return false
	}
	if logger[len(logger)-1] == ':' {
		logger = logger[:len(logger)-1]
	}
	return h.say(r, s, logger, words)
}

// isPythonLogger reports whether b is the name of a logger without dots that
// frameworks use; of others it can't be told from the first of the words.
func isPythonLogger(b []byte) bool {
	switch string(b) {
	case "root", "werkzeug", "django", "uvicorn", "gunicorn", "celery", "flask", "tornado", "asyncio", "urllib3", "airflow", "superset", "synapse", "aiohttp", "odoo":
		return true
	}
	return b[len(b)-1] == ':'
}

// say fills r: h, the logger and the words.
func (h *head) say(r *Record, s *Scratch, logger, words []byte) bool {
	h.stamp.Set(r)
	r.Level, r.Logger = h.level, logger
	r.pick(words, s)
	r.cutDjangoPath(s)
	return true
}

// cutDjangoPath takes the path off "Forbidden (reason): /path", as django.request
// and django.security write it.
func (r *Record) cutDjangoPath(s *Scratch) {
	m := r.Message
	if len(m) < 12 || r.URL != nil || r.Lines > 1 {
		return
	}
	status := djangoStatus(m)
	if status == 0 {
		return
	}
	i := bytes.Index(m, []byte(": /"))
	if i < 0 {
		return
	}
	path, rest := cutByte(m[i+2:], ' ')
	r.setURL(path)
	if r.Status == 0 {
		r.Status = status
	}
	r.Message = m[:i]
	if len(rest) > 0 {
		n := len(s.buf)
		s.buf = append(append(append(s.buf, m[:i]...), ' '), rest...)
		r.Message = s.buf[n:]
	}
}

// djangoStatus returns the status that m begins with the name of, or 0.
func djangoStatus(m []byte) uint16 {
	switch m[0] {
	case 'F', 'U', 'N', 'B', 'M', 'I', 'T':
	default:
		return 0
	}
	for _, known := range [...]struct {
		words  string
		status uint16
	}{{"Forbidden", 403}, {"Unauthorized", 401}, {"Not Found", 404}, {"Bad Request", 400}, {"Method Not Allowed", 405}, {"Too Many Requests", 429}, {"Internal Server Error", 500}} {
		if len(m) > len(known.words) && string(m[:len(known.words)]) == known.words {
			return known.status
		}
	}
	return 0
}

var _ = register(Parser{
	Name: "uvicorn",
	Doc: `uvicorn and hypercorn's console
LEVEL:     address:port - "GET /path HTTP/1.1" 401 Unauthorized, without a stamp
(https://www.uvicorn.org/settings/#logging).`,
	Layer: App,
	First: "DICEW",
	Order: 125,
	Parse: parseUvicorn,
})

func parseUvicorn(r *Record, s *Scratch) bool {
	t := r.Text
	colon := bytes.IndexByte(t[:min(len(t), 10)], ':')
	if colon < 4 || len(t) < colon+6 || t[colon+1] != ' ' || !isLevel(t[:colon]) {
		return false
	}
	words := trimSpaces(t[colon+1:])
	if client, rest, ok := bytes.Cut(words, []byte(` - "`)); ok && bytes.IndexByte(client, ' ') < 0 {
		host, port := cutPort(client)
		if !isHost(host) {
			return false
		}
		end := bytes.LastIndexByte(rest, '"')
		if end < 0 || !r.setRequest(rest[:end]) {
			r.URL = nil
			return false
		}
		r.Client, r.ClientPort = host, port
		status, message := cutByte(trimSpaces(rest[end+1:]), ' ')
		r.Status = parseStatus(status)
		r.Level, r.Message = t[:colon], message
		return true
	}
	if colon+6 > len(t) || t[colon+2] != ' ' && t[:colon][0] != 'C' { // padded to ten
		return false
	}
	r.Level = t[:colon]
	for rest := words; len(rest) > 0 && rest[0] == '['; { // nginx beside it, in RomM: "[RomM][nginx][2026-11-22 00:12:31] "
		in, behind, ok := cutBracket(rest)
		if !ok {
			break
		}
		if when, n := s.Any(in, false); n > 0 && n == len(in) {
			when.Set(r)
			words = trimSpaces(behind)
		}
		rest = behind
	}
	r.pick(words, s)
	return true
}

// cutPort takes off the port that always stands behind uvicorn's address, and no
// brackets around one of IPv6.
func cutPort(b []byte) (host, port []byte) {
	i := bytes.LastIndexByte(b, ':')
	if i < 0 || !isDigits(b[i+1:]) {
		return nil, nil
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(b[:i], []byte{'['}), []byte{']'}), b[i+1:]
}
