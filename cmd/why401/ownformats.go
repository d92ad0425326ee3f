package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"why401/internal/engine"
	"why401/internal/serverconfig"
	"why401/internal/settings"
	"why401/parsers"
)

func parsersOf(formats []settings.Format) (list []*parsers.Parser) {
	for _, f := range formats {
		list = append(list, f.Parser)
	}
	return list
}

// serverFormats finds the formats that --server-config asks for, and tells them.
func (a *app) serverFormats(flags *pflag.FlagSet) error {
	f := flags.Lookup("log-format")
	if f == nil || flags.Lookup("server-config") == nil {
		return nil
	}
	reads := f.Value.(*format)
	if p := reads.parser; p != nil && len(p.Unknown) > 0 {
		a.tell("--log-format: nginx has no variable %s: what stands there is passed over, unless it is one of your own whose name says what it holds", strings.Join(p.Unknown, ", "))
	}
	names, err := flags.GetStringArray("server-config")
	for _, name := range names {
		found, err := serverconfig.Read(name)
		if err != nil && len(found) == 0 {
			return hint(fmt.Errorf("--server-config: %w", err), "name the file in which nginx has log_format, Apache LogFormat, HAProxy log-format or Envoy text_format or json_format")
		}
		if err != nil {
			a.complain(fmt.Errorf("--server-config: left out: %w", err))
		}
		if len(found) == 0 {
			a.tell("%s defines no log format; those that its server has by itself are known", name)
		}
		for _, f := range found {
			a.tell("%s: log format %s", f.Place, f.Parser.Name)
			reads.own = append(reads.own, f.Parser)
		}
	}
	return err
}

// testFormats reads the examples of the settings file's formats, writes what is
// wrong with them to w, and returns how many formats there are.
func (a *app) testFormats(w io.Writer) int {
	for i := range a.own {
		f := &a.own[i]
		if len(f.Examples) == 0 {
			fmt.Fprintf(w, "%s: %s has no example\n", f.Place, f.Parser.Name)
		}
		for k := range f.Examples {
			for _, problem := range a.testExample(f.Parser, &f.Examples[k]) {
				fmt.Fprintf(w, "%s\n", problem)
			}
		}
	}
	return len(a.own)
}

// testExample compares what an example says with what is expected.
func (a *app) testExample(p *parsers.Parser, e *settings.Example) (problems []string) {
	tell := func(place, text string, args ...any) {
		problems = append(problems, place+": "+p.Name+": "+fmt.Sprintf(text, args...))
	}
	n := 0
	b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(strings.TrimRight(e.Line, "\n") + "\n")}
	parsers.NewReader(parsers.Options{Own: parsersOf(a.own)}).Each(&b, func(r *parsers.Record) {
		if n++; n > 1 {
			return
		}
		if r.Format != p {
			name := "text"
			if r.Format != nil {
				name = r.Format.Name
			}
			tell(e.Place, "the example is read as %s", name)
			return
		}
		for _, x := range e.Expect {
			got, err := valueOf(r, x.Field)
			switch {
			case err != nil:
				tell(x.Place, "%v", err)
			case got == "" && x.Value != "":
				tell(x.Place, "the example doesn't say %s", x.Field)
			case got != x.Value:
				tell(x.Place, "%s is %q", x.Field, got)
			}
		}
	})
	if n != 1 {
		tell(e.Place, "the example is %d entries", n)
	}
	return problems
}

// valueOf returns what a record says in one field of its event, "" for nothing.
func valueOf(r *parsers.Record, field string) (string, error) {
	if path, ok := strings.CutPrefix(field, "attr."); ok {
		v, _ := r.Attr(path)
		return string(v.Value), nil
	}
	var event any
	asIs := func(text []byte) []byte { return text }
	dec := json.NewDecoder(strings.NewReader(string(engine.AppendEvent(nil, &engine.Event{Record: r, Clean: asIs}))))
	dec.UseNumber()
	if err := dec.Decode(&event); err != nil {
		return "", errors.New("the example can't be shown")
	}
	for name := range strings.SplitSeq(field, ".") {
		members, ok := event.(map[string]any)
		if !ok {
			return "", nil
		}
		event = members[name]
	}
	switch event.(type) {
	case nil:
		return "", nil
	case map[string]any:
		return "", fmt.Errorf("%s is several fields", field)
	}
	return fmt.Sprint(event), nil
}
