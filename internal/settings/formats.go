package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"why401/parsers"
)

// A Format is a log format of the user's own, as "formats" has it:
//
//	formats:
//	  gate:
//	    title: the door's log
//	    layer: gateway
//	    pattern: '%{TIMESTAMP:@timestamp} %{IP:source.ip} %{ANY:event.reason}'
//	    examples:
//	      - line: '2026-03-12T14:00:01Z 192.0.2.7 token ran dry'
//	        expect: {source.ip: 192.0.2.7, event.reason: token ran dry}
//
// In place of pattern stands regexp, or json with keys and the fields that they are.
type Format struct {
	Parser   *parsers.Parser
	Place    string // file:line:column
	Examples []Example
}

// An Example is an entry and what it says.
type Example struct {
	Place  string
	Line   string
	Expect []Expected
}

// An Expected is a field and its value, "" where the entry doesn't say it.
type Expected struct{ Place, Field, Value string }

// Formats reads the formats of a settings file, in the order in which they stand
// there. Errors have a place.
func Formats(name string) ([]Format, error) {
	top, err := document(name)
	if err != nil || top == nil {
		return nil, err
	}
	f := formatFile{name: name}
	for key, value := range members(top) {
		if key.Value == formatsKey {
			f.formats(value)
		}
	}
	return f.list, errors.Join(f.errs...)
}

const formatsKey = "formats"

// A formatFile gathers what a file says, and what is wrong with it.
type formatFile struct {
	name string
	list []Format
	errs []error
}

func (f *formatFile) place(n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", f.name, n.Line, n.Column)
}

func (f *formatFile) tell(n *yaml.Node, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("%s: %w", f.place(n), fmt.Errorf(format, args...)))
}

func (f *formatFile) formats(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		f.tell(n, "formats are lines of the form name: {pattern: ...}")
		return
	}
	taken := []string{"auto", "text"}
	for _, p := range parsers.All() {
		taken = append(taken, p.Name)
	}
	for key, value := range members(n) {
		switch {
		case strings.Trim(key.Value, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || key.Value == "":
			f.tell(key, "%q is no name for a format: use small letters, digits and -", key.Value)
		case slices.Contains(taken, key.Value):
			f.tell(key, "there is a format %s already", key.Value)
		default:
			taken = append(taken, key.Value)
			f.format(key, value)
		}
	}
}

func (f *formatFile) format(name, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		f.tell(n, "%s: a format is lines of the form key: value", name.Value)
		return
	}
	d := parsers.Definition{Name: name.Value}
	out := Format{Place: f.place(name)}
	errs, way := len(f.errs), n
	for key, value := range members(n) {
		switch key.Value {
		case "title":
			d.Title = f.text(key, value)
		case "pattern":
			d.Pattern, way = f.text(key, value), value
		case "regexp":
			d.Regexp, way = f.text(key, value), value
		case "json":
			d.JSON, way = f.keys(value), value
		case "layer":
			d.Layer = f.layer(value)
		case "examples":
			out.Examples = f.examples(value)
		default:
			f.tell(key, "unknown key %q: a format has title, layer, examples, and one of pattern, regexp and json", key.Value)
		}
	}
	if len(f.errs) > errs {
		return
	}
	var err error
	if out.Parser, err = d.Compile(); err != nil {
		f.tell(way, "%s: %w", d.Name, err)
		return
	}
	f.list = append(f.list, out)
}

// text reads a value that is a text or a number.
func (f *formatFile) text(key, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		f.tell(n, "%s: not a text", key.Value)
		return ""
	}
	return n.Value
}

func (f *formatFile) keys(n *yaml.Node) (keys []parsers.Key) {
	if n.Kind != yaml.MappingNode {
		f.tell(n, "json: keys are lines of the form key: field")
	}
	for key, value := range members(n) {
		keys = append(keys, parsers.Key{Path: key.Value, Field: f.text(key, value)})
	}
	return keys
}

func (f *formatFile) layer(n *yaml.Node) parsers.Layer {
	var names []string
	for l := parsers.Edge; l <= parsers.IDP; l++ {
		if l.String() == n.Value {
			return l
		}
		names = append(names, l.String())
	}
	f.tell(n, "%q is no layer: there are %s", n.Value, strings.Join(names, ", "))
	return parsers.LayerUnknown
}

func (f *formatFile) examples(n *yaml.Node) (list []Example) {
	if n.Kind != yaml.SequenceNode {
		f.tell(n, "examples are a list of {line: ..., expect: {field: value}}")
		return nil
	}
	for _, one := range n.Content {
		e := Example{Place: f.place(one)}
		if one.Kind == yaml.ScalarNode {
			e.Line = one.Value
		}
		for key, value := range members(one) {
			switch key.Value {
			case "line":
				e.Line = f.text(key, value)
			case "expect":
				for field, v := range members(value) {
					e.Expect = append(e.Expect, Expected{f.place(field), field.Value, v.Value})
				}
			default:
				f.tell(key, "unknown key %q: an example has line and expect", key.Value)
			}
		}
		if e.Line == "" {
			f.tell(one, "an example without a line")
		}
		list = append(list, e)
	}
	return list
}
