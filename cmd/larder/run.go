package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/larder-go/larder/internal/nearest"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // no answer, or a cut one
	exitUsage       = 2   // the command line is wrong
	exitNotCached   = 4   // --offline, and not in the cache
	exitStatus      = 22  // 4xx or 5xx under --fail
	exitInterrupted = 130 // Ctrl-C
)

// stdio is where a command writes.
type stdio struct{ out, err io.Writer }

// exit is an error with the code that the process ends with.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

func fail(code int, format string, args ...any) error {
	return &exit{code, fmt.Errorf(format, args...)}
}

// checked remembers the first error of a writer, so that no command ends well whose output is lost.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, io stdio) int {
	out := &checked{Writer: io.out}
	io.out = out
	root := newRoot(io)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("write: %w", out.err)
	}
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil {
		fmt.Fprintln(io.err, "larder: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(io.err, "larder:", strings.TrimPrefix(err.Error(), "larder "))
	if e, ok := errors.AsType[*exit](err); ok {
		return e.code
	}
	return exitFailed
}

func newRoot(io stdio) *cobra.Command {
	root := &cobra.Command{
		Use:           "larder",
		Short:         "HTTP responses and logged-in sessions that outlive the process",
		Long:          "larder fetches with a cache that follows the HTTP rules (RFC 9111), logs in and remembers it, and shows what it keeps.\nStart with: larder tour",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetVersionTemplate("larder {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(newTour(io), newGet(io), newExplain(io), newSession(io), newCache(io))
	for _, c := range append(root.Commands(), root) {
		onlyCommands(c)
	}
	return root
}

// newHelp is "help COMMAND", which is wrong usage where there is no such command.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil {
				return &exit{exitUsage, err}
			}
			if len(rest) > 0 {
				return c.Args(c, rest)
			}
			return c.Help()
		},
	}
}

// onlyCommands makes a command that only holds others say what it knows, where it is given something else.
func onlyCommands(c *cobra.Command) {
	if !c.HasSubCommands() {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, sub := range c.Commands() {
			if !sub.Hidden {
				names = append(names, sub.Name())
			}
		}
		return fail(exitUsage, "unknown command %q%s", args[0], suggest(args[0], names))
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

// flagError adds the nearest known flag to an error about an unknown one.
func flagError(c *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	switch {
	case !ok:
		return fail(exitUsage, "%s: %w", c.CommandPath(), err)
	case unknown.GetSpecifiedShortnames() != "": // the rest of the argument may be a secret
		return fail(exitUsage, "%s: unknown flag -%s; see %s --help", c.CommandPath(), unknown.GetSpecifiedName(), c.CommandPath())
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	name := "--" + unknown.GetSpecifiedName()
	return fail(exitUsage, "%s: unknown flag %s%s", c.CommandPath(), name, suggest(name, names))
}

// exactly is cobra.ExactArgs with our exit code.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return fail(exitUsage, "%s: want %s, got %d arguments; see %s --help", c.CommandPath(), what, len(args), c.CommandPath())
		}
		return nil
	}
}

func suggest(got string, known []string) string {
	if near := nearest.Of(got, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; known: " + strings.Join(known, ", ")
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:min(12, len(s.Value))]) {
			v += " " + s.Value
		}
	}
	return v
}
