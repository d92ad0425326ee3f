// Package serverconfig finds the log formats that the configuration of a web
// server or proxy defines, so that its logs are read by them.
package serverconfig

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"why401/parsers"
)

// A Format is one log format of a configuration.
type Format struct {
	Place  string // file:line
	Parser *parsers.Parser
	fields int
}

// ErrUnknown is returned for a file that no server's configuration looks like.
var ErrUnknown = errors.New("no configuration of nginx, Apache, HAProxy or Envoy")

// Read finds the formats in a configuration and in what it includes, those with
// most fields first: a line may fit the shorter of two. None is no error: the
// server's own formats are known without. An error may come with formats: it
// then tells which could not be used.
func Read(name string) ([]Format, error) {
	c := config{dir: filepath.Dir(name), seen: map[string]bool{}}
	text, err := c.file(name)
	if err != nil {
		return nil, err
	}
	switch {
	case isYAML(name, text):
		c.envoy(name, text)
	case nginxLine.MatchString(text):
		c.nginx(name, text)
	case apacheLine.MatchString(text):
		c.apache(name, text)
	case haproxyLine.MatchString(text):
		c.haproxy(name, text)
	default:
		return nil, fmt.Errorf("%s: %w", name, ErrUnknown)
	}
	slices.SortStableFunc(c.found, func(a, b Format) int { return cmp.Compare(b.fields, a.fields) })
	return c.found, errors.Join(c.errs...)
}

var (
	nginxLine   = regexp.MustCompile(`(?m)^\s*(log_format\s|access_log\s|(http|events|server)\s*\{|include\s[^\n;]+;)`)
	apacheLine  = regexp.MustCompile(`(?mi)^\s*(LogFormat\s|CustomLog\s|ServerRoot\s|<VirtualHost\s|Include(Optional)?\s)`)
	haproxyLine = regexp.MustCompile(`(?m)^\s*(log-format\s|error-log-format\s|global\s*$|defaults(\s|$)|frontend\s|listen\s)`)
)

const (
	maxFile  = 4 << 20
	maxFiles = 1000
)

// A config is one configuration on its way through its files.
type config struct {
	dir   string // relative names start here
	seen  map[string]bool
	found []Format
	errs  []error
}

// file reads a file of the configuration once; a second time it is empty.
func (c *config) file(name string) (string, error) {
	if c.seen[name] || len(c.seen) == maxFiles {
		return "", nil
	}
	c.seen[name] = true
	f, err := os.Open(name)
	if err == nil {
		defer f.Close()
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(f, maxFile+1)); err == nil && len(text) > maxFile {
			err = fmt.Errorf("larger than %d MiB", maxFile>>20)
		}
		if err == nil {
			return string(text), nil
		}
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return "", fmt.Errorf("cannot read %s: %w", name, err)
}

// include reads the files that a pattern names. A pattern that fits none is none.
func (c *config) include(pattern string, read func(name, text string)) {
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(c.dir, pattern)
	}
	names, err := filepath.Glob(pattern)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("cannot read %s: %w", pattern, err))
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := c.file(name)
		if err != nil {
			c.errs = append(c.errs, err)
			continue
		}
		read(name, text)
	}
}

// add takes a format string of one of the servers that parsers knows.
func (c *config) add(server, name, place, format string) {
	p, err := parsers.CompileFor(server, server+":"+name, format)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", place, err))
		return
	}
	c.keep(place, p, strings.Count(format, "%")+strings.Count(format, "$"))
}

func (c *config) keep(place string, p *parsers.Parser, fields int) {
	for n := 2; slices.ContainsFunc(c.found, func(f Format) bool { return f.Parser.Name == p.Name }); n++ {
		p.Name = fmt.Sprintf("%s-%d", strings.TrimRight(strings.TrimSuffix(p.Name, fmt.Sprint(n-1)), "-"), n)
	}
	c.found = append(c.found, Format{place, p, fields})
}

// at is a place in a file.
func at(name string, line int) string { return fmt.Sprintf("%s:%d", name, line) }
