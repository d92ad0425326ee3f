package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"why401": main})
}

// synthetic are the credentials of tests, by the name that stands for them in
// scripts (@JWT@). They are put together here so that no scanner of this
// repository takes them for real.
var synthetic = map[string]string{
	"JWT": strings.Join([]string{
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"script","exp":1700000000}`)),
		base64.RawURLEncoding.EncodeToString([]byte("made up for a script, no key made it")),
	}, "."),
	"BASIC":  base64.StdEncoding.EncodeToString([]byte("carla:" + "oak" + "-table-" + "9127")),
	"APIKEY": "k7" + "Qm2x" + "Vt9ZpL4w" + "Rb6nYc3s" + "Hd8f",
	"GITHUB": "gh" + "p_" + "A1b2C3d4E5f6G7h8I9j0" + "K1l2M3n4O5p6Q7r8",
	"COOKIE": "s%3A" + "p9Xk2Lm4Qw8Zt6Vb" + "." + "Yc1Rn7Hd3Fs5Jg0Ua2Ei4",
	"PASS":   "tulip" + "-Harbour" + "-77",
}

func TestScripts(t *testing.T) {
	demo, err := filepath.Abs("../../testdata/demo")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/scripts",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DEMO", demo)
			env.Values[receiverKey{}] = new(*receiver)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"plant":  plant,
			"absent": absent,
			"bytes":  writeBytes,

			"receive":  receive,
			"received": received,
		},
	})
}

// plant puts the synthetic credentials where files name them: plant FILE...
func plant(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		for k, v := range synthetic {
			text = strings.ReplaceAll(text, "@"+k+"@", v)
		}
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// absent fails if a file, stdout or stderr holds a synthetic credential: absent FILE...
func absent(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		for k, v := range synthetic {
			if strings.Contains(text, v) {
				ts.Fatalf("%s holds %s", name, k)
			}
		}
	}
}

// writeBytes writes a file of bytes that can't stand in a script, as Go escapes:
// bytes FILE ESCAPED
func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytes FILE ESCAPED")
	}
	var b bytes.Buffer
	rest := args[1]
	for len(rest) > 0 {
		switch {
		case strings.HasPrefix(rest, `\n`):
			b.WriteByte('\n')
			rest = rest[2:]
		case strings.HasPrefix(rest, `\r`):
			b.WriteByte('\r')
			rest = rest[2:]
		case strings.HasPrefix(rest, `\x`) && len(rest) >= 4:
			const hex = "0123456789abcdef"
			b.WriteByte(byte(strings.IndexByte(hex, rest[2])<<4 | strings.IndexByte(hex, rest[3])))
			rest = rest[4:]
		default:
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}
