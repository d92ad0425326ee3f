package alert

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/template"

	"why401/internal/settings"
)

//go:embed templates/*.tmpl
var shipped embed.FS

// Templates are the names of the templates that come with the program.
func Templates() (names []string) {
	entries, _ := fs.ReadDir(shipped, "templates")
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".tmpl"))
	}
	return names
}

const (
	maxTemplate = 1 << 20
	maxBody     = 1 << 20
)

// LoadTemplate reads a template by its name or from a file. It is tried on a
// finding of each type, so that mistakes show at the start.
func LoadTemplate(name string, env func(string) string) (Body, error) {
	var text []byte
	var err error
	if slices.Contains(Templates(), name) {
		text, err = fs.ReadFile(shipped, "templates/"+name+".tmpl")
	} else {
		var info fs.FileInfo
		if info, err = os.Stat(name); err == nil && info.Size() > maxTemplate {
			return nil, fmt.Errorf("cannot read the template %s: larger than %d MiB", name, maxTemplate>>20)
		}
		if err == nil {
			text, err = os.ReadFile(name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the template: %w", err)
	}
	tmpl, err := template.New(name).Option("missingkey=zero").Funcs(functions(env)).Parse(string(text))
	if err != nil {
		return nil, err
	}
	body := func(m *Message) ([]byte, error) {
		var b bytes.Buffer
		if err := tmpl.Execute(&bounded{&b}, m); err != nil {
			return nil, err
		}
		if !json.Valid(b.Bytes()) {
			return nil, fmt.Errorf("template: %s: what it makes is not JSON; write values as {{json .Title}}", name)
		}
		return b.Bytes(), nil
	}
	for _, s := range samples {
		m, err := (&Alert{ID: "0123456789abcdef0123456789abcdef", Finding: json.RawMessage(s)}).message()
		if err == nil {
			_, err = body(m)
		}
		if err != nil {
			return nil, err
		}
	}
	return body, nil
}

// samples are what templates are tried on.
var samples = []string{
	`{"type":"spike","id":"s1","phase":"opened","kind":"credential_stuffing","severity":"high","start":"2026-03-12T14:00:00Z","end":"2026-03-12T14:05:00Z","detected_at":"2026-03-12T14:01:00Z","source_ips":["192.0.2.7"],"users_count":3,"attempts":9,"failures":8,"successes":1,"compromised_users":["\"ada\" <b>"],"reason":"9 \"tries\"\\"}`,
	`{"type":"leak","file":"a\"b.log","line":1,"column":2,"kind":"jwt","severity":"high","confidence":1}`,
	`{"type":"cause","file":"a.log","line":1,"cause":"expired_token","confidence":0.9}`,
}

func functions(env func(string) string) template.FuncMap {
	return template.FuncMap{
		"json": func(v any) (string, error) {
			b, err := json.Marshal(v)
			return string(b), err
		},
		"upper": strings.ToUpper,
		"words": words,
		// slack escapes what Slack reads as markup, mentions and links.
		"slack": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace,
		// markdown takes the meaning from what Markdown reads as markup.
		"markdown": func(s string) string {
			var b strings.Builder
			for _, r := range s {
				if strings.ContainsRune("\\`*_{}[]()<>#+!|~", r) {
					b.WriteByte('\\')
				}
				b.WriteRune(r)
			}
			return b.String()
		},
		// env reads a variable of ours, for keys that the service asks for.
		"env": func(name string) (string, error) {
			if !strings.HasPrefix(name, settings.Variable("")) {
				return "", errors.New("env reads variables that start with " + settings.Variable(""))
			}
			v := env(name)
			if v == "" {
				return "", errors.New("the variable " + name + " is not set")
			}
			return v, nil
		},
	}
}

// bounded refuses to write more than maxBody.
type bounded struct{ b *bytes.Buffer }

func (w *bounded) Write(p []byte) (int, error) {
	if w.b.Len()+len(p) > maxBody {
		return 0, fmt.Errorf("more than %d MiB", maxBody>>20)
	}
	return w.b.Write(p)
}
