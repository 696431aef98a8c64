package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/internal/redact"
)

// answer writes a response where the flags say.
func (g *getter) answer(ctx context.Context, resp *http.Response, stdio stdio, began time.Time) error {
	info, _ := larder.InfoOf(resp)
	if info.Refused {
		return fail(exitNotCached, "get: %s: %s", redact.URL(resp.Request.URL), "not in the cache: "+info.Reason)
	}
	if g.why {
		defer func() { explain(stdio.err, resp, began) }() // once it is known whether it was stored, and where it broke off too
	}
	failed := g.fail && resp.StatusCode >= 400
	if err := g.write(resp, stdio, failed); err != nil {
		return err
	}
	if failed {
		return fail(exitStatus, "get: %s: %s", redact.URL(resp.Request.URL), resp.Status)
	}
	return ctx.Err()
}

// write writes the head where it is wanted, and the body unless --fail refuses it; then it makes no file and replaces none.
func (g *getter) write(resp *http.Response, stdio stdio, failed bool) error {
	if failed && !g.head {
		return nil
	}
	out, err := g.openOutput(stdio)
	if err != nil {
		return err
	}
	defer out.discard()
	if g.head {
		writeHead(out, resp)
	}
	if !failed {
		if err := copyBody(out, resp.Body); err != nil {
			return err
		}
	}
	return out.commit()
}

// copyBody tells an answer that breaks off from an output that fails.
func copyBody(out io.Writer, body io.Reader) error {
	var broken error
	_, err := io.Copy(out, readerFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if err != nil && err != io.EOF {
			broken = err
		}
		return n, err
	}))
	switch {
	case broken != nil:
		return fail(exitFailed, "get: the answer broke off: %w", broken)
	case err != nil:
		return fail(exitFailed, "get: write: %w", err)
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// writeHead writes the status line and the header, sorted by name.
func writeHead(w io.Writer, resp *http.Response) {
	fmt.Fprintf(w, "%s %s\r\n", resp.Proto, resp.Status)
	names := make([]string, 0, len(resp.Header))
	for name := range resp.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range resp.Header[name] {
			fmt.Fprintf(w, "%s: %s\r\n", name, value)
		}
	}
	fmt.Fprint(w, "\r\n")
}

// explain says what the cache did. The body has been read, so it is known whether the response was stored.
func explain(w io.Writer, resp *http.Response, began time.Time) {
	info, _ := larder.InfoOf(resp)
	fmt.Fprintf(w, "%s %s: %s in %s\n", resp.Request.Method, redact.URL(resp.Request.URL), resp.Status, round(time.Since(began)))
	fmt.Fprintf(w, "Cache-Status: %s\n", strings.Join(resp.Header["Cache-Status"], ", "))
	fmt.Fprintf(w, "why: %s\n", info.Reason)
	if !info.FreshUntil.IsZero() {
		fmt.Fprintf(w, "fresh until: %s\n", info.FreshUntil.Local().Format(time.DateTime))
	}
	fmt.Fprintf(w, "stored: %v\n", info.Stored)
}

// round keeps three digits or so.
func round(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}
