package serverconfig

import "strings"

// nginx finds log_format, whose strings are put together
// (https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format).
func (c *config) nginx(name, text string) {
	t := nginxTokens{text: text, line: 1}
	for {
		words, line := t.directive()
		if words == nil {
			return
		}
		switch {
		case words[0] == "include" && len(words) == 2:
			c.include(words[1], c.nginx)
		case words[0] == "log_format" && len(words) > 2:
			format := words[2:]
			if strings.HasPrefix(format[0], "escape=") {
				format = format[1:]
			}
			c.add("nginx", words[1], at(name, line), strings.Join(format, ""))
		}
	}
}

// nginxTokens takes a configuration apart.
type nginxTokens struct {
	text string
	line int
}

// directive returns the words up to the next ; { or }, which may be none but one
// empty, and the line of the first; nil at the end.
func (t *nginxTokens) directive() (words []string, line int) {
	for {
		word, end, ok := t.next()
		switch {
		case !ok:
			if words == nil {
				return nil, t.line
			}
			return words, line
		case end && words == nil:
			return []string{""}, t.line
		case end:
			return words, line
		}
		if words == nil {
			line = t.line
		}
		words = append(words, word)
	}
}

// next returns the next word, or that a directive ends.
func (t *nginxTokens) next() (word string, end, ok bool) {
	for len(t.text) > 0 {
		switch c := t.text[0]; c {
		case '\n':
			t.line++
			t.text = t.text[1:]
		case ' ', '\t', '\r':
			t.text = t.text[1:]
		case '#':
			n := strings.IndexByte(t.text, '\n')
			if n < 0 {
				n = len(t.text)
			}
			t.text = t.text[n:]
		case ';', '{', '}':
			t.text = t.text[1:]
			return "", true, true
		case '"', '\'':
			return t.quoted(c), false, true
		default:
			n := 0
			for n < len(t.text) && strings.IndexByte(" \t\r\n;", t.text[n]) < 0 && (t.text[n] != '{' || n > 0 && t.text[n-1] == '$') {
				n++
			}
			word, t.text = t.text[:n], t.text[n:]
			return word, false, true
		}
	}
	return "", false, false
}

// quoted reads a string in quotes: a backslash guards quotes, itself, and stands for
// tab, return and newline before t, r and n.
func (t *nginxTokens) quoted(quote byte) string {
	var b strings.Builder
	i := 1
	for ; i < len(t.text) && t.text[i] != quote; i++ {
		c := t.text[i]
		if c == '\n' {
			t.line++
		}
		if c == '\\' && i+1 < len(t.text) {
			switch next := t.text[i+1]; next {
			case '"', '\'', '\\':
				c = next
				i++
			case 't', 'r', 'n':
				c = map[byte]byte{'t': '\t', 'r': '\r', 'n': '\n'}[next]
				i++
			}
		}
		b.WriteByte(c)
	}
	t.text = t.text[min(i+1, len(t.text)):]
	return b.String()
}
