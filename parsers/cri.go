package parsers

import "bytes"

// cri takes off the container runtime interface's log format, which kubelet
// writes to /var/log/pods: "2026-11-22T00:12:31.589Z stdout F text". A text
// tagged P goes on in the next line.
func (ln *line) cri() bool {
	t := ln.text
	if len(t) < 29 || t[10] != 'T' {
		return false
	}
	i := bytes.IndexByte(t[19:min(len(t), 40)], ' ')
	if i < 0 {
		return false
	}
	rest := t[19+i+1:]
	if len(rest) < 9 || string(rest[:3]) != "std" || string(rest[3:7]) != "out " && string(rest[3:7]) != "err " ||
		rest[7] != 'F' && rest[7] != 'P' || rest[8] != ' ' && rest[8] != ':' {
		return false
	}
	var c Clock
	stamp, n := c.ISO(t)
	if n != 19+i {
		return false
	}
	text := rest[8:]
	if text[0] == ':' { // further tags
		sp := bytes.IndexByte(text, ' ')
		if sp < 0 {
			return false
		}
		text = text[sp:]
	}
	ln.partial = rest[7] == 'P'
	ln.wraps.key = rest[:6]
	ln.wraps.setStamp(stamp, nil)
	return ln.wrapped(wrapCRI, text[1:])
}
