//go:build realserver

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPage opens reports in a real browser, narrow and wide, dark and light: of the
// shipped demo, of a log whose every field attacks the page, of one of ten years,
// and of an empty one.
// Nothing may be cut, overlap or run out of the window, no request may leave, the
// console stays empty. WHY401_AXE and WHY401_HTML_VALIDATE name axe-core's script
// and html-validate's command, which .ci/run installs, to check with them too.
func TestPage(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Fatal("this test needs Chromium: install Debian's package chromium")
	}
	dir := t.TempDir()
	tool, browser := filepath.Join(dir, "why401"), filepath.Join(dir, "browser")
	build(t, ".", tool)
	build(t, "../../testdata/realserver/browser", browser)
	write(t, filepath.Join(dir, "<b>hostile.log"), hostileLog())
	write(t, filepath.Join(dir, "empty.log"), "")
	var years strings.Builder
	for i := range 120 {
		fmt.Fprintf(&years, `{"time":"%d-%02d-01T14:00:00Z","msg":"token is expired","status":401,"path":"/a"}`+"\n", 2016+i/12, 1+i%12)
	}
	write(t, filepath.Join(dir, "years.log"), years.String())
	var pages []string
	for name, args := range map[string][]string{
		"demo":    {"../../testdata/demo"},
		"hostile": {"--context", "1", filepath.Join(dir, "<b>hostile.log")},
		"years":   {filepath.Join(dir, "years.log")},
		"empty":   {filepath.Join(dir, "empty.log")},
	} {
		page := filepath.Join(dir, name+".html")
		pages = append(pages, page)
		if out, err := exec.Command(tool, append([]string{"report", "-q", "-o", page}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	args := pages
	if axe := os.Getenv("WHY401_AXE"); axe != "" {
		args = append([]string{"-axe", axe}, pages...)
	}
	out, err := exec.Command(browser, args...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	if validate := os.Getenv("WHY401_HTML_VALIDATE"); validate != "" {
		write(t, filepath.Join(dir, ".htmlvalidate.json"), `{"root": true, "extends": ["html-validate:standard", "html-validate:document"]}`)
		if out, err := exec.Command(validate, pages...).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// hostileLog is a log whose names, paths and programs are markup, scripts, words
// without end, and text from right to left.
func hostileLog() string {
	names := []string{`<script>alert(1)</script>`, `\"><img src=x onerror=alert(1)>`, `אבגדהוזחטיכלמנסעפצקרשת`, `محمد العربي`,
		strings.Repeat("W", 400), strings.Repeat("日本語の名前", 30), "{{.}}`x`", `a\u202eb`, "ada"}
	var b strings.Builder
	for i := range 600 {
		name := names[i%len(names)]
		fmt.Fprintf(&b, `{"time":"2026-03-12T14:%02d:%02dZ","level":"warn","msg":"login failed: invalid password","user":"%s","status":401,"path":"/login/%s","method":"POST","remote_ip":"192.0.2.%d","user_agent":"%s/1.2"}`+"\n",
			i/60, i%60, name, name, i%50, name)
	}
	return b.String()
}
