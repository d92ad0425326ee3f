package parsers

import "bytes"

// compose takes off the name that docker compose and docker service logs put
// before each line: "web-1  | text".
func (ln *line) compose() bool {
	t := ln.text
	bar := bytes.IndexByte(t[:min(len(t), 80)], '|')
	if bar < 2 || t[bar-1] != ' ' || bar+1 < len(t) && t[bar+1] != ' ' {
		return false
	}
	name := bytes.TrimRight(t[:bar], " ")
	for _, c := range name {
		if !isWord(c) && c != '-' && c != '.' && c != '@' {
			return false
		}
	}
	if len(name) < 2 || isLevel(name) { // "ERROR | text" is a layout of its own
		return false
	}
	ln.wraps.key, ln.wraps.service = name, name
	if ln.wraps.host == nil {
		ln.wraps.host = name
	}
	return ln.wrapped(wrapCompose, t[min(len(t), bar+2):])
}

// kubernetes takes off what kubectl logs --prefix puts before each line:
// "[pod/web-7d9/nginx] text".
func (ln *line) kubernetes() bool {
	t := ln.text
	if !bytes.HasPrefix(t, []byte("[pod/")) {
		return false
	}
	end := bytes.IndexByte(t[:min(len(t), 400)], ']')
	slash := bytes.IndexByte(t[5:], '/')
	if end < 0 || slash < 1 || 5+slash > end || end+1 >= len(t) || t[end+1] != ' ' {
		return false
	}
	ln.wraps.key = t[1:end]
	ln.wraps.service = ln.wraps.key[bytes.LastIndexByte(ln.wraps.key, '/')+1:]
	ln.wraps.host = t[5 : 5+slash]
	return ln.wrapped(wrapKubernetes, t[end+2:])
}

// serviceOf returns the name of a service without what tells its replicas apart:
// "web-1", "shop_web_1" and Swarm's "web.1.q6c0d" are web and shop_web.
func serviceOf(name []byte) []byte {
	if i := bytes.IndexByte(name, '.'); i > 0 && i+1 < len(name) && name[i+1]-'0' <= 9 {
		return name[:i]
	}
	n := len(name)
	for n > 0 && name[n-1]-'0' <= 9 {
		n--
	}
	if n > 1 && n < len(name) && (name[n-1] == '-' || name[n-1] == '_') {
		return name[:n-1]
	}
	return name
}

// stamped takes off the time that kubectl logs --timestamps, docker logs -t,
// CloudWatch's exports and aws logs tail put before each line; the last names the
// stream too: "2026-11-22T00:12:31.589Z text". The text must be a line of its own as
// surely as can be: much else begins with a time.
func (ln *line) stamped() bool {
	t := ln.text
	if len(t) < 44 || t[10] != 'T' {
		return false
	}
	var c Clock
	stamp, n := c.ISO(t)
	if n == 0 || stamp.Assumed != 0 || t[n] != ' ' {
		return false
	}
	text := t[n+1:]
	if stream, rest := cutByte(text[:min(len(text), 300)], ' '); bytes.IndexByte(stream, '/') > 0 && stream[0] != '{' && len(rest) > 12 {
		if text = text[len(stream)+1:]; !ownLine(text) {
			return false
		}
		ln.wraps.key = stream
	} else if !ownLine(text) {
		return false
	}
	ln.wraps.setStamp(stamp, nil)
	return ln.wrapped(wrapStamp, text)
}

// ownLine reports whether b is a JSON object, an access log's line, or one with a
// stamp of its own.
func ownLine(b []byte) bool {
	if len(b) < 24 {
		return false
	}
	switch {
	case b[0] == '{':
		return b[1] == '"' && b[len(b)-1] == '}'
	case b[0]-'0' <= 9:
		var c Clock
		if _, n := c.ISO(b); n > 0 {
			return true
		}
		i := bytes.IndexByte(b[:min(len(b), 46)], ' ')
		return i > 0 && isAddress(b[:i]) && b[i+1] == '-' && b[i+2] == ' '
	case b[0] == '[':
		var c Clock
		_, n := c.Any(b[1:], false)
		return n > 0
	}
	return false
}
