// Command browser opens a page in Chromium as its readers do, narrow and wide,
// dark and light, and prints what is wrong with it, a line each. It is a module
// of its own so that why401 doesn't depend on what drives a browser.
//
//	browser [-axe axe.js] [-shots DIR] PAGE...
//	browser -live URL TEXT...
//
// With -live it opens a page that renews itself, prints "open", and then each text
// as soon as it is shown.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// layout is a script that returns what is cut, runs out of the window or lies over
// other text.
//
//go:embed layout.js
var layout string

func main() {
	axe := flag.String("axe", "", "check with axe-core, this `file`, too")
	shots := flag.String("shots", "", "save pictures in this `folder`")
	live := flag.String("live", "", "wait until the page at this `URL` shows what is named")
	flag.Parse()
	source := []byte(nil)
	if *axe != "" {
		var err error
		if source, err = os.ReadFile(*axe); err != nil {
			log.Fatal(err)
		}
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox, chromedp.DisableGPU)
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel := chromedp.NewContext(alloc)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if *live != "" {
		if err := follow(ctx, *live, flag.Args()); err != nil {
			log.Fatal(err)
		}
		return
	}
	for _, page := range flag.Args() {
		// Widths are those of a telephone and a desk. Each comes with one scheme of
		// colours: where things stand doesn't depend on it.
		for _, v := range []*view{{width: 390, scheme: "dark"}, {width: 1400, scheme: "light"}} {
			v.page, v.axe = page, string(source)
			if err := v.look(ctx, *shots); err != nil {
				log.Fatalf("%s: %v", v.name(), err)
			}
			for _, p := range v.problems {
				fmt.Printf("%s: %s\n", v.name(), p)
			}
		}
	}
}

// follow waits for each of some texts on a page that renews itself, without ever
// loading it again.
func follow(ctx context.Context, url string, texts []string) error {
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *cdplog.EventEntryAdded:
			fmt.Printf("%s: %s\n", e.Entry.Level, e.Entry.Text)
		case *runtime.EventExceptionThrown:
			fmt.Printf("a script fails: %s\n", e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		return err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1400, 900), chromedp.Navigate(url)); err != nil {
		return err
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.here = true`)); err != nil {
		return err
	}
	fmt.Println("open")
	for _, text := range texts {
		script := fmt.Sprintf(`window.here === true && document.body.innerText.includes(%q)`, text)
		for shown := false; !shown; {
			if shown, err = chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err != nil {
				return err
			}
		}
		fmt.Println(text)
	}
	return nil
}

// A view is one page at one width.
type view struct {
	page   string
	width  int64
	scheme string
	axe    string

	mu       sync.Mutex
	problems []string
}

func (v *view) name() string {
	return fmt.Sprintf("%s-%d-%s", strings.TrimSuffix(filepath.Base(v.page), ".html"), v.width, v.scheme)
}

func (v *view) problem(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// look opens the page in a new tab and notes what is wrong.
func (v *view) look(ctx context.Context, shots string) error {
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	file, err := filepath.Abs(v.page)
	if err != nil {
		return err
	}
	url := "file://" + file
	err = chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Request.URL != url && !strings.HasPrefix(e.Request.URL, "data:") {
				v.problem("asks for %s", e.Request.URL)
			}
		case *cdplog.EventEntryAdded:
			v.problem("%s: %s", e.Entry.Level, e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			v.problem("the console says %s", e.Type)
		case *runtime.EventExceptionThrown:
			v.problem("a script fails: %s", e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		return err
	}
	scheme := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: scheme}); err != nil {
		return err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900), chromedp.Navigate(url)); err != nil {
		return err
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	for _, unfold := range []string{"", `document.querySelectorAll("details").forEach(d => d.open = true), `} {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](unfold+layout))
		if err != nil {
			return err
		}
		for _, p := range found {
			v.problem("%s", p)
		}
	}
	if shots != "" {
		if err := os.WriteFile(filepath.Join(shots, v.name()+".png"), picture, 0o644); err != nil {
			return err
		}
	}
	if v.axe == "" {
		return nil
	}
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](v.axe)); err != nil {
		return err
	}
	violations, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v =>
		v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(", ")))`, chromedp.EvalAwaitPromise))
	for _, p := range violations {
		v.problem("axe: %s", p)
	}
	return err
}
