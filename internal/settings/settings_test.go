package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.Int("top", 10, "")
	f.Bool("quiet", false, "")
	f.StringSlice("client", nil, "")
	f.StringArray("output", nil, "")
	f.String("log-format", "auto", "")
	f.String("config", "", "")
	ByHand(f, "output")
	return f
}

// others are the flags of another command.
func others(name string) []*pflag.Flag {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.String("fail-on", "", "")
	f.Bool("top", false, "")
	if flag := f.Lookup(name); flag != nil {
		return []*pflag.Flag{flag}
	}
	return nil
}

func show(f *pflag.FlagSet) string {
	var b strings.Builder
	f.Visit(func(f *pflag.Flag) { b.WriteString(f.Name + "=" + f.Value.String() + " ") })
	return strings.TrimSpace(b.String())
}

func TestFromFile(t *testing.T) {
	dir := t.TempDir()
	for i, c := range []struct {
		args, text string
		named      bool
		want       string // flags set, or "error: " and its end
	}{
		{"", "", false, ""},
		{"", "# nothing\n", false, ""},
		{"", "top: 3\nquiet: true\n", false, "quiet=true top=3"},
		{"--top 4", "top: 3\n", false, "top=4"},
		{"--client 192.0.2.9", "client: [192.0.2.1, 192.0.2.2]\n", false, "client=[192.0.2.9]"},
		{"", "client: [192.0.2.1, 192.0.2.2]\n", false, "client=[192.0.2.1,192.0.2.2]"},
		{"", "client: 192.0.2.1\n", false, "client=[192.0.2.1]"},
		{"", "fail-on: high\n", false, ""}, // another command's
		{"", "output: [a.json, b.jsonl]\n", true, "output=[a.json,b.jsonl]"},
		{"", "top: 3\noutput: [a.json]\n", false, "error: :2: output may not be set by a file that wasn't named with --config"},
		{"", "top: 3\n\ntopp: 3\n", false, `error: :3: unknown setting "topp"`},
		{"", "config: other.yaml\n", true, `error: :1: unknown setting "config"`},
		{"", "top: 3\ntop: 4\n", false, "error: :2: top is set twice"},
		{"", "top: many\n", false, "error: :1: top: \"many\" is not a number"},
		{"", "top: true\n", false, ""}, // another command takes it
		{"", "top: [1, 2]\n", false, "error: :1: top: not a value that this setting takes"},
		{"", "top:\n", false, "error: :1: top: not a value that this setting takes"},
		{"", "- top\n", false, "error: :1: settings are lines of the form key: value"},
		{"", "top: 3\n  quiet: true\n", false, "error: : line 2: mapping values are not allowed in this context"},
	} {
		name := filepath.Join(dir, "settings.yaml")
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		f := flags()
		if err := f.Parse(strings.Fields(c.args)); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := FromFile(f, name, c.named, others); err != nil {
			got = "error: " + strings.ReplaceAll(err.Error(), name, "")
		} else {
			got = show(f)
		}
		if got != c.want {
			t.Errorf("%d: %q, not %q", i, got, c.want)
		}
	}
}

func TestFromEnv(t *testing.T) {
	env := map[string]string{"WHY401_TOP": "7", "WHY401_CLIENT": "192.0.2.1,192.0.2.2", "WHY401_LOG_FORMAT": "json", "WHY401_QUIET": ""}
	f := flags()
	if err := f.Parse([]string{"--log-format", "combined"}); err != nil {
		t.Fatal(err)
	}
	if err := FromEnv(f, func(k string) string { return env[k] }, others); err != nil {
		t.Fatal(err)
	}
	if got, want := show(f), "client=[192.0.2.1,192.0.2.2] log-format=combined top=7"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	env["WHY401_QUIET"] = "maybe"
	if err := FromEnv(f, func(k string) string { return env[k] }, others); err == nil || !strings.HasPrefix(err.Error(), "WHY401_QUIET: ") {
		t.Errorf("error is %v", err)
	}
}

func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	home, _ := filepath.Abs("home")
	env := func(k string) string { return map[string]string{"HOME": home}[k] }
	want := filepath.Join(home, ".config", "why401", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(want), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{want, Local} {
		if got := Find(env); got == name {
			t.Errorf("found %s before it is there", name)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Find(env); got != name {
			t.Errorf("found %q, not %s", got, name)
		}
	}
}

func FuzzFromFile(f *testing.F) {
	f.Add([]byte("top: 3\nclient: [a, &x b, *x]\n"))
	f.Add([]byte("{top: {top: !!binary x}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(t.TempDir(), "s.yaml")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = FromFile(flags(), name, true, others)
	})
}
