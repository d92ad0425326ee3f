package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"why401/detectors/leak"
	"why401/internal/report"
)

func newMessages() choice {
	return choice{value: "plain", valid: []string{"plain", "text", "json"}}
}

// complain tells err and what to do next.
func (a *app) complain(err error) {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) && pe.Path == a.out.Name() {
		err = cannotWrite("standard output", pe)
	}
	next := ""
	if h := (hinted{}); errors.As(err, &h) {
		next = h.hint
	}
	if a.messages.value != "plain" {
		a.log(slog.LevelError, err.Error(), next)
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		a.log(slog.LevelError, line, "")
	}
	if next != "" {
		a.log(slog.LevelError, "hint: "+next, "")
	}
}

// say tells what the user has to know.
func (a *app) say(format string, args ...any) {
	a.log(slog.LevelWarn, fmt.Sprintf(format, args...), "")
}

// tell is say for what a quiet run keeps to itself.
func (a *app) tell(format string, args ...any) {
	if !a.quiet {
		a.log(slog.LevelInfo, fmt.Sprintf(format, args...), "")
	}
}

// log writes one message to standard error, without credentials: arguments and
// names of files may hold some.
func (a *app) log(level slog.Level, text, next string) {
	s := leak.NewScanner()
	s.Use(a.names.own)
	clean := func(text string) string { return report.Clean(string(s.Redact(nil, []byte(text)))) }
	var handler slog.Handler
	switch a.messages.value {
	case "json":
		handler = slog.NewJSONHandler(a.err, nil)
	case "text":
		handler = slog.NewTextHandler(a.err, nil)
	default:
		_, _ = fmt.Fprintf(a.err, "why401: %s\n", clean(text))
		return
	}
	var attrs []slog.Attr
	if next != "" {
		attrs = append(attrs, slog.String("hint", clean(next)))
	}
	slog.New(handler).LogAttrs(context.Background(), level, clean(text), attrs...)
}
