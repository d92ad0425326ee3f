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
	ln.wraps.key = name
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
	ln.wraps.host = t[5 : 5+slash]
	return ln.wrapped(wrapKubernetes, t[end+2:])
}
