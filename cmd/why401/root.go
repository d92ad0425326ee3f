package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"why401/internal/report"
	"why401/internal/settings"
)

// Exit statuses. The worst that happened counts.
const (
	exitClean  = 0
	exitFound  = 1 // findings at or above --fail-on
	exitFailed = 2 // the job could not be done, or not all of it
)

// An app is one run of the command: what all subcommands share.
type app struct {
	in     *os.File
	out    *os.File
	err    io.Writer
	status int

	// settled, if set, is told the settings instead of doing the job.
	settled func(settled) error

	own []settings.Format // of the settings file

	// Flags of every command.
	config   string
	color    choice
	quiet    bool
	messages choice
	names    names
}

func run(args []string) int {
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, color: choice{value: "auto", valid: []string{"auto", "always", "never"}}, messages: newMessages()}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once; at the end nothing needs to be taken down
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	if err := root.ExecuteContext(ctx); err != nil {
		a.fail(err)
	}
	return a.status
}

// extra are commands that only some builds have.
var extra []func(*app) *cobra.Command

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "why401",
		Short: "Why was this request refused?",
		Long: `why401 reads the logs that servers write and answers three questions:
why was this request refused, is somebody trying stolen passwords, and has a
credential been written to a log. Nothing is sent anywhere unless you name a
webhook.`,
		Example: `  why401 report /var/log/nginx          everything that those logs show
  why401 check build/logs               fail if a log holds a credential
  why401 explain expired_token          what a cause means and how to mend it
  app 2>&1 | why401 redact >> app.log   keep credentials out of a log`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              noCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: a.settings,
		Version:           version(),

		SuggestionsMinimumDistance: 2,
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	root.SetVersionTemplate("why401 {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if bad := (*pflag.InvalidValueError)(nil); errors.As(err, &bad) {
			err = fmt.Errorf("--%s: %w", bad.GetFlag().Name, settings.Reason(bad))
		}
		if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 24 {
			err = errors.New("unknown flag") // what is this long may be a credential, gone astray
		}
		return hint(err, cmd.CommandPath()+" --help lists the flags")
	})
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVar(&a.config, "config", "", "read settings from this `file`")
	f.Var(&a.color, "color", "colours: auto, always or never")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "print nothing but errors; the exit status and --output files tell the rest")
	a.names.add(f)
	f.Var(&a.messages, "messages", "form of what is said on standard error: plain, or text or json with time and level, for services")
	a.color.complete(root, "color")
	a.messages.complete(root, "messages")
	root.AddCommand(a.report(), a.tail(), a.check(), a.redact(), a.canary(), a.explain(), a.parse(), a.formats(), a.rules(), a.versionCommand())
	for _, c := range extra {
		root.AddCommand(c(a))
	}
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		c.Args, c.RunE = noCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, c := range root.Commands() {
		c.Flags().SortFlags = false
		c.InheritedFlags().SortFlags = false
	}
	return root
}

func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	next := cmd.CommandPath() + " --help lists the commands"
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		next = "did you mean " + cmd.CommandPath() + " " + s[0] + "?"
	} else if cmd.HasParent() {
		// files are no arguments here
	} else if _, err := os.Stat(args[0]); err == nil {
		next = "why401 report " + args[0] + " reads it"
	}
	return hint(fmt.Errorf("unknown command %q", args[0]), next)
}

// settings fills flags from the environment and the settings file, in this order.
// What prints the same whatever is set reads none.
func (a *app) settings(cmd *cobra.Command, args []string) error {
	if _, cause := causeArg(args); cause && cmd.Name() == "explain" || cmd.Name() == "version" || cmd.Parent() != nil && cmd.Parent().Name() == "completion" {
		return nil
	}
	flags := cmd.Flags()
	others := func(key string) (list []*pflag.Flag) { return namesakes(cmd.Root(), key) }
	next := "flags are listed by " + cmd.CommandPath() + " --help"
	if err := settings.FromEnv(flags, os.Getenv, others); err != nil {
		return hint(err, next)
	}
	name, named := a.config, a.config != ""
	if !named {
		name = settings.Find(os.Getenv)
	}
	if name != "" {
		var err error
		if a.own, err = settings.Formats(name); err != nil {
			return err
		}
		for _, f := range others("log-format") {
			f.Value.(*format).own = parsersOf(a.own)
		}
		if err := settings.FromFile(flags, name, named, others); err != nil {
			return hint(err, "keys are names of flags, as "+cmd.CommandPath()+" --help lists them")
		}
	}
	return a.serverFormats(flags)
}

// namesakes returns the flags with this name of all commands below cmd.
func namesakes(cmd *cobra.Command, name string) (list []*pflag.Flag) {
	for _, c := range cmd.Commands() {
		if f := c.LocalFlags().Lookup(name); f != nil {
			list = append(list, f)
		}
		list = append(list, namesakes(c, name)...)
	}
	return list
}

// A hinted error says what to do next.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func hint(err error, next string) error {
	if h := (hinted{}); err == nil || errors.As(err, &h) { // what knows more was there first
		return err
	}
	return hinted{err, next}
}

// fail tells err and lets the run end with status 2.
func (a *app) fail(err error) {
	a.status = exitFailed
	a.complain(err)
}

func (a *app) found() { a.status = max(a.status, exitFound) }

// style says whether what is written to f is coloured.
func (a *app) style(f *os.File) report.Style {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG"))
	locale = strings.ReplaceAll(strings.ToUpper(locale), "-", "")
	st := report.Style{ASCII: !strings.Contains(locale, "UTF8")}
	terminal := report.IsTerminal(f)
	if terminal {
		st.Width = report.TerminalWidth
	}
	st.Colours = a.color.value == "always" ||
		a.color.value != "never" && terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return st
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Number(int64(n)) + " " + many
}
