package serverconfig

import (
	"iter"
	"strings"
)

// haproxy finds log-format and error-log-format, and names them after their section
// (https://docs.haproxy.org/3.0/configuration.html#8.2.6).
func (c *config) haproxy(name, text string) {
	section := "default"
	seen := map[string]bool{}
	for line, words := range directives(text, false) {
		switch words[0] {
		case "global", "defaults", "frontend", "listen", "backend":
			section = words[0]
			if len(words) > 1 {
				section = words[1]
			}
		case "log-format", "error-log-format":
			if len(words) < 2 || seen[words[1]] {
				continue
			}
			seen[words[1]] = true
			format := words[1]
			for variable, value := range haproxyFormats {
				format = strings.ReplaceAll(format, "${"+variable+"}", value)
			}
			c.add("haproxy", section, at(name, line), format)
		}
	}
}

// haproxyFormats are what HAProxy itself puts into the environment (section 2.4).
var haproxyFormats = map[string]string{
	"HAPROXY_HTTP_LOG_FMT":     haproxyHTTP,
	"HAPROXY_HTTPS_LOG_FMT":    haproxyHTTP + ` %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc`,
	"HAPROXY_HTTP_CLF_LOG_FMT": `%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl`,
	"HAPROXY_TCP_LOG_FMT":      `%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq`,
}

const haproxyHTTP = `%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r`

// directives goes over the lines of a configuration, as words, with their numbers.
// A # begins a comment (Apache: at the start of a line alone), a backslash at the end
// of a line goes on in the next. Quotes are taken off; the escapes within are left to
// those who read format strings.
func directives(text string, apache bool) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		number := 0
		for len(text) > 0 {
			var line string
			number++
			first := number
			for {
				one, rest, _ := strings.Cut(text, "\n")
				text = rest
				one = strings.TrimSuffix(one, "\r")
				if head, ok := strings.CutSuffix(one, `\`); ok && rest != "" {
					line += head
					number++
					continue
				}
				line += one
				break
			}
			if words := directive(line, apache); len(words) > 0 && !yield(first, words) {
				return
			}
		}
	}
}

func directive(line string, apache bool) (words []string) {
	word, has := []byte(nil), false
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(line):
			word, has = append(word, c, line[i+1]), true
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\'') && (!apache || !has):
			quote, has = c, true
		case quote == 0 && c == '#' && (!apache || words == nil && !has):
			i = len(line)
		case quote == 0 && (c == ' ' || c == '\t'):
			if has {
				words, word, has = append(words, string(word)), nil, false
			}
		default:
			word, has = append(word, c), true
		}
	}
	if has {
		words = append(words, string(word))
	}
	return words
}
