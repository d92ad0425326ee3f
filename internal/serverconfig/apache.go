package serverconfig

import (
	"path/filepath"
	"strings"
)

// apache finds LogFormat, and CustomLog and TransferLog with a format of their own
// (https://httpd.apache.org/docs/2.4/mod/mod_log_config.html).
func (c *config) apache(name, text string) {
	for line, words := range directives(text, true) {
		switch strings.ToLower(words[0]) {
		case "serverroot":
			if len(words) > 1 && filepath.IsAbs(words[1]) {
				c.dir = words[1]
			}
		case "include", "includeoptional":
			if len(words) > 1 {
				c.include(words[1], c.apache)
			}
		case "logformat":
			nick := "default"
			if len(words) > 2 {
				nick = words[2]
			}
			if len(words) > 1 && strings.Contains(words[1], "%") {
				c.add("apache", nick, at(name, line), words[1])
			}
		case "customlog":
			if len(words) > 2 && strings.Contains(words[2], "%") {
				c.add("apache", "custom", at(name, line), words[2])
			}
		}
	}
}
