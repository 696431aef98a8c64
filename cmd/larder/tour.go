package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newTour(stdio stdio) *cobra.Command {
	keep := false
	c := &cobra.Command{
		Use:   "tour",
		Short: "See it work: log in, remember it, and answer the second request from the larder",
		Long:  "Start a small site on this machine and use larder on it, each step in a process of its own. Nothing outside a temporary\nfolder is touched. A step that does not hold ends the tour with status 1.",
		Args:  exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			return tour(c.Context(), stdio.out, keep)
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the temporary folder, and say where it is")
	return c
}

// guide walks through the steps and checks what each shows.
type guide struct {
	out    io.Writer
	dir    string
	self   string
	origin *tourOrigin
	step   int
}

func tour(ctx context.Context, out io.Writer, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "larder-tour-")
	if err != nil {
		return err
	}
	defer func() {
		if !keep {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	origin, err := startTourOrigin()
	if err != nil {
		return err
	}
	defer origin.server.Close()
	g := &guide{out: out, dir: dir, self: self, origin: origin}
	fmt.Fprintf(out, "A site runs at %s: basic auth on every page, a login form, and pages that may be cached.\n", origin.url)
	for _, step := range []func(context.Context) error{g.login, g.remember, g.guest, g.miss, g.hit, g.slow, g.show} {
		if err := step(ctx); err != nil {
			return fail(exitFailed, "tour: step %d does not hold: %w", g.step, err)
		}
	}
	fmt.Fprintf(out, "\nAll %d steps held.\n", g.step)
	if keep {
		fmt.Fprintf(out, "What was stored is in %s\n", dir)
	}
	return nil
}

// seen is what a process wrote, and how long it took.
type seen struct {
	stdout, stderr string
	took           time.Duration
}

// larder runs a command in a process of its own, shows it as a person would type it, and times it.
func (g *guide) larder(ctx context.Context, args ...string) (seen, error) {
	typed := make([]string, len(args))
	for i, a := range args {
		if strings.ContainsAny(a, "|?*& ") {
			a = "'" + a + "'"
		}
		typed[i] = a
	}
	fmt.Fprintf(g.out, "   $ larder %s\n", strings.Join(typed, " "))
	cmd := exec.CommandContext(ctx, g.self, args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(),
		"XDG_STATE_HOME="+filepath.Join(g.dir, "state"), "XDG_CONFIG_HOME="+filepath.Join(g.dir, "config"),
		"XDG_CACHE_HOME="+filepath.Join(g.dir, "cache"), "LARDER_KEY_FILE=",
		// Where the system knows no XDG folders.
		"HOME="+g.dir, "USERPROFILE="+g.dir, "AppData="+g.dir, "LocalAppData="+g.dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	s := seen{stdout.String(), stderr.String(), time.Since(began)}
	if err != nil {
		return s, fmt.Errorf("larder %s: %w\n%s", args[0], err, s.stderr)
	}
	return s, nil
}

func (g *guide) head(title string) {
	g.step++
	fmt.Fprintf(g.out, "\n%d. %s\n", g.step, title)
}

// said prints what a process said, indented, and what it took.
func (g *guide) said(s string, took time.Duration) {
	for line := range strings.Lines(s) {
		fmt.Fprintf(g.out, "     %s\n", strings.TrimRight(line, "\n"))
	}
	fmt.Fprintf(g.out, "   (%s, its own process)\n", round(took))
}

func (g *guide) login(ctx context.Context) error {
	g.head("Log in, and save the session")
	s, err := g.larder(ctx, "session", "login", "me", g.origin.url+"/login", "-u", "user:pass", "-d", "name=Ada")
	if err != nil {
		return err
	}
	g.said(s.stdout, s.took)
	file := filepath.Join(g.dir, "state", "larder", "sessions", "me")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bytes.Contains(data, []byte("Ada")) || bytes.Contains(data, []byte("pass")) {
		return errors.New("the session file shows what it holds")
	}
	fmt.Fprintf(g.out, "   The file has %d bytes, and neither the name nor the password can be read in it.\n", len(data))
	return nil
}

func (g *guide) remember(ctx context.Context) error {
	g.head("Open it in another process: still logged in")
	return g.whoami(ctx, "You are Ada\n", "--session", "me")
}

func (g *guide) guest(ctx context.Context) error {
	g.head("Ask with a new session: a guest")
	s, err := g.larder(ctx, "session", "login", "new", g.origin.url+"/whoami", "-u", "user:pass")
	if err != nil {
		return err
	}
	g.said(s.stdout, s.took)
	return g.whoami(ctx, "You are a guest\n", "--session", "new")
}

func (g *guide) whoami(ctx context.Context, want string, flags ...string) error {
	s, err := g.larder(ctx, append(append([]string{"get"}, flags...), g.origin.url+"/whoami")...)
	if err != nil {
		return err
	}
	g.said(s.stdout, s.took)
	if s.stdout != want {
		return fmt.Errorf("want %q", want)
	}
	return nil
}

// get fetches a page through the file cache, and reports what the cache said and how often the site was asked.
func (g *guide) get(ctx context.Context, path string) (s seen, status string, asked int, err error) {
	before := g.origin.count(path)
	s, err = g.larder(ctx, "get", "-v", "-u", "user:pass", "--cache", "file:larder?codec=json", g.origin.url+path)
	for line := range strings.Lines(s.stderr) {
		if v, ok := strings.CutPrefix(line, "Cache-Status: "); ok {
			status = strings.TrimSpace(v)
		}
	}
	asked = g.origin.count(path) - before
	if err == nil {
		g.said(s.stdout, s.took)
		fmt.Fprintf(g.out, "   The cache says: %s\n   Requests that reached the site: %d\n", status, asked)
	}
	return s, status, asked, err
}

func (g *guide) miss(ctx context.Context) error {
	g.head("Fetch a page that may be cached: a miss, and it is stored")
	_, status, asked, err := g.get(ctx, "/shelf.json")
	if err == nil && (asked != 1 || !strings.Contains(status, "stored")) {
		err = errors.New("want one request, and the answer stored")
	}
	return err
}

func (g *guide) hit(ctx context.Context) error {
	g.head("Fetch it again in another process: a hit, and no request")
	s, status, asked, err := g.get(ctx, "/shelf.json")
	switch {
	case err != nil:
		return err
	case asked != 0 || !strings.Contains(status, "hit"):
		return errors.New("want a hit and no request")
	case !strings.Contains(s.stdout, `"honey": 1`):
		return errors.New("want the page as it was")
	}
	return nil
}

func (g *guide) slow(ctx context.Context) error {
	g.head("A slow page is slow once")
	first, _, _, err := g.get(ctx, "/slow")
	if err != nil {
		return err
	}
	second, _, asked, err := g.get(ctx, "/slow")
	if err != nil {
		return err
	}
	if asked != 0 || second.took >= first.took {
		return fmt.Errorf("the second time took %s and %d requests", second.took, asked)
	}
	return nil
}

func (g *guide) show(ctx context.Context) error {
	g.head("Look at what is stored, and where")
	page := g.origin.url + "/shelf.json"
	where, err := g.larder(ctx, "cache", "show", "--path", "--cache", "file:larder", page)
	if err != nil {
		return err
	}
	g.said(where.stdout, where.took)
	s, err := g.larder(ctx, "cache", "show", "--cache", "file:larder", page)
	if err != nil {
		return err
	}
	g.said(s.stdout, s.took)
	file := strings.TrimSpace(where.stdout)
	if !filepath.IsAbs(file) {
		file = filepath.Join(g.dir, file)
	}
	data, err := os.ReadFile(file)
	switch {
	case err != nil:
		return err
	case string(data) != s.stdout:
		return errors.New("the file holds something else than what is shown")
	case bytes.Contains(data, []byte("dXNlcjpwYXNz")):
		return errors.New("the stored entry holds the password")
	}
	fmt.Fprintln(g.out, "   The file holds exactly this; the password that was sent is not in it.")
	return nil
}
