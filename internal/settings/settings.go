// Package settings fills the flags that a command line left alone: from WHY401_*
// variables, then from one YAML file.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// Local is the name of the settings file of a working folder. Whoever wrote a
// folder may have put it there, so it can't set flags marked ByHand.
const Local = ".why401.yaml"

const maxSize = 1 << 20

// ByHand marks a flag that a settings file may set only if a person named that
// file: one that writes files, sends something away or hides findings.
func ByHand(flags *pflag.FlagSet, name string) {
	_ = flags.SetAnnotation(name, "by-hand", []string{"true"})
}

// Find returns the settings file in force when none is named, or "": that of the
// working folder, else the user's, else the machine's.
func Find(env func(string) string) string {
	user := env("XDG_CONFIG_HOME")
	if home := env("HOME"); user == "" && home != "" {
		user = filepath.Join(home, ".config")
	}
	files := []string{Local}
	if filepath.IsAbs(user) {
		files = append(files, filepath.Join(user, "why401", "config.yaml"))
	}
	for _, name := range append(files, "/etc/why401/config.yaml") {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

// Variable is the environment variable of a flag.
func Variable(flag string) string {
	return "WHY401_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// A Tree is the value of a setting that is more than a word or a list of words,
// and that only a file can hold. named says that a person named the file. Errors
// made by At point at their places.
type Tree interface {
	SetTree(n *yaml.Node, named bool) error
}

// At returns an error at the place of n in a settings file.
func At(n *yaml.Node, format string, args ...any) error {
	return &placed{n.Line, n.Column, fmt.Errorf(format, args...)}
}

type placed struct {
	line, column int
	error
}

func (p *placed) Unwrap() error { return p.error }

// Decode reads a list of mappings into list, a pointer to a slice of structs with
// yaml tags. Unknown keys are errors, with their places.
func Decode(n *yaml.Node, list any) error {
	if n.Kind != yaml.SequenceNode {
		return At(n, "a list is wanted: lines that begin with - and a blank")
	}
	known := map[string]bool{}
	element := reflect.TypeOf(list).Elem().Elem()
	for i := range element.NumField() {
		name, _, _ := strings.Cut(element.Field(i).Tag.Get("yaml"), ",")
		known[name] = true
	}
	var errs []error
	for _, item := range n.Content {
		if item.Kind != yaml.MappingNode {
			errs = append(errs, At(item, "an entry is lines of the form key: value"))
			continue
		}
		for i := 0; i < len(item.Content); i += 2 {
			if key := item.Content[i]; !known[key.Value] {
				errs = append(errs, At(key, "unknown key %q", key.Value))
			}
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if err := n.Decode(list); err != nil {
		return At(n, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return nil
}

// Others returns the flags of this name that all commands have: settings serve
// every command, so what another one knows or takes is no mistake, and left out.
type Others func(name string) []*pflag.Flag

// take reports whether some command takes this value.
func (o Others) take(f *pflag.Flag, value string) bool {
	return slices.ContainsFunc(o(f.Name), func(other *pflag.Flag) bool { return other != f && other.Value.Set(value) == nil })
}

// FromEnv sets the flags that were left alone and have a variable. Lists are
// separated by commas.
func FromEnv(flags *pflag.FlagSet, env func(string) string, others Others) error {
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		v := env(Variable(f.Name))
		if f.Changed || v == "" || f.Name == "help" {
			return
		}
		values := []string{v}
		if _, ok := f.Value.(pflag.SliceValue); ok {
			values = strings.Split(v, ",")
		}
		for _, v := range values {
			if err := flags.Set(f.Name, v); err != nil && !others.take(f, v) {
				errs = append(errs, fmt.Errorf("%s: %w", Variable(f.Name), Reason(err)))
			}
		}
	})
	return errors.Join(errs...)
}

// FromFile sets the flags that were left alone from a YAML file, whose keys are
// names of flags, or formats (see Formats). named says
// that a person named the file. Every error has its place, file:line.
func FromFile(flags *pflag.FlagSet, name string, named bool, others Others) error {
	top, err := document(name)
	if err != nil || top == nil {
		return err
	}
	var errs []error
	seen := map[string]bool{}
	changed := map[string]bool{} // by hand or by the environment, which go before a file
	flags.VisitAll(func(f *pflag.Flag) { changed[f.Name] = f.Changed })
	for key, value := range members(top) {
		tell := func(n *yaml.Node, format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, n.Line, fmt.Errorf(format, args...)))
		}
		f := flags.Lookup(key.Value)
		switch {
		case seen[key.Value]:
			tell(key, "%s is set twice", key.Value)
		case key.Value == formatsKey: // see Formats
		case key.Value == "config" || key.Value == "help" || f == nil && len(others(key.Value)) == 0:
			tell(key, "unknown setting %q", key.Value)
		case f == nil || changed[key.Value]:
		case !named && f.Annotations["by-hand"] != nil:
			tell(key, "%s may not be set by a file that wasn't named with --config", key.Value)
		default:
			if err := set(flags, f, value, named, others); err != nil {
				errs = append(errs, places(name, key.Value, value, err)...)
			}
		}
		seen[key.Value] = true
	}
	return errors.Join(errs...)
}

// places gives each of the errors of a setting its place in the file.
func places(name, key string, value *yaml.Node, err error) (errs []error) {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, err := range list {
		if p := (*placed)(nil); errors.As(err, &p) {
			errs = append(errs, fmt.Errorf("%s:%d:%d: %s: %w", name, p.line, p.column, key, err))
		} else {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", name, value.Line, key, err))
		}
	}
	return errs
}

// document reads a settings file; nil means that there is nothing in it.
func document(name string) (top *yaml.Node, err error) {
	text, err := read(name)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	top = doc.Content[0]
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return nil, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: settings are lines of the form key: value", name, top.Line)
	}
	return top, nil
}

// members goes over the keys and values of a mapping; other nodes have none.
func members(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			value := n.Content[i+1]
			if value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			if !yield(n.Content[i], value) {
				return
			}
		}
	}
}

func read(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxSize {
		return nil, fmt.Errorf("cannot read settings %s: larger than %d MiB", name, maxSize>>20)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(name)
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read settings %s: %w", name, err)
	}
	return text, nil
}

func set(flags *pflag.FlagSet, f *pflag.Flag, value *yaml.Node, named bool, others Others) error {
	if t, ok := f.Value.(Tree); ok {
		f.Changed = true
		return t.SetTree(value, named)
	}
	values := []*yaml.Node{value}
	if _, list := f.Value.(pflag.SliceValue); value.Kind == yaml.SequenceNode && list {
		values = value.Content
	}
	for _, v := range values {
		if v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
			return errors.New("not a value that this setting takes")
		}
		if err := flags.Set(f.Name, v.Value); err != nil && !others.take(f, v.Value) {
			return Reason(err)
		}
	}
	return nil
}

// Reason says why a flag's value was refused, without the words of pflag, which
// name a flag that nobody may have typed, and of strconv.
func Reason(err error) error {
	if num := (*strconv.NumError)(nil); errors.As(err, &num) {
		if num.Func == "ParseBool" {
			return fmt.Errorf("%q is not true or false", num.Num)
		}
		return fmt.Errorf("%q is not a number", num.Num)
	}
	if ive := (*pflag.InvalidValueError)(nil); errors.As(err, &ive) {
		return errors.Unwrap(ive)
	}
	return err
}
