package cookiejar_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder/cookiejar"
	"github.com/larder-go/larder/secret"
)

func TestDelete(t *testing.T) {
	u, old, later := parsed(t, "http://h.example/"), start.Add(-time.Hour), start.Add(time.Minute)
	j := cookiejar.New(nil)
	j.Receive(u, []string{"a=1", "a=2; Path=/", "b=1"}, old)
	if n := j.Delete(u, "a", start); n != 1 {
		t.Errorf("deleted %d, want 1: the two are one", n)
	}
	if got := j.Header(u, start); got != "b=1" {
		t.Errorf("left: %q", got)
	}
	// A stored response may still bring what was never there, not what was deleted.
	j.ReceiveStored(u, []string{"a=1", "c=1"}, old.Add(time.Minute), later)
	if got := j.Header(u, later); got != "b=1; c=1" {
		t.Errorf("after a stored response: %q", got)
	}
	j.Receive(u, []string{"a=3"}, later)
	if got := j.Header(u, later); got != "b=1; c=1; a=3" {
		t.Errorf("set anew: %q", got)
	}
}

func TestImportKeepsTheOrderOfSending(t *testing.T) {
	u := parsed(t, "http://h.example/")
	j := cookiejar.New(nil)
	j.Receive(u, []string{"z=1", "a=1", "m=1"}, start) // at one instant
	again := cookiejar.New(nil)
	if err := again.Import(slices.Collect(j.All(start)), start); err != nil {
		t.Fatal(err)
	}
	if got, want := again.Header(u, start), j.Header(u, start); got != want || want != "z=1; a=1; m=1" {
		t.Errorf("sent as %q, was %q", got, want)
	}
}

func TestImportNarrows(t *testing.T) {
	j := cookiejar.New(nil)
	err := j.Import([]cookiejar.Cookie{{Name: "a", Value: secret.New("1"), Domain: "co.uk", Path: "/"}}, start)
	if err != nil {
		t.Fatal(err)
	}
	if got := j.Header(parsed(t, "http://b.co.uk/"), start); got != "" {
		t.Errorf("a public suffix's cookie is sent below it: %q", got)
	}
	if got := j.Header(parsed(t, "http://co.uk/"), start); got != "a=1" {
		t.Errorf("the host itself gets %q", got)
	}
}

func TestWhoIsEvicted(t *testing.T) {
	j := cookiejar.New(nil)
	u := parsed(t, "https://h.example/")
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Second) }
	j.Receive(u, []string{"login=1; Path=/app", "locked=1; Secure"}, at(0))
	for i := 1; i < 400; i++ {
		j.Receive(u, []string{fmt.Sprintf("c%03d=1; Path=/other", i)}, at(i))
		j.Header(parsed(t, "https://h.example/app"), at(i)) // which uses the first two
	}
	got := j.Header(parsed(t, "https://h.example/app"), at(400))
	if got != "login=1; locked=1" {
		t.Errorf("what is in use was evicted: %q", got)
	}
	if n := len(slices.Collect(j.All(at(400)))); n != 180 {
		t.Errorf("%d cookies, want 180", n)
	}
}

func TestManyDomains(t *testing.T) {
	j := cookiejar.New(nil)
	for i := range 3100 {
		j.Receive(parsed(t, fmt.Sprintf("https://h%04d.example/", i)), []string{"a=1; Secure"}, start.Add(time.Duration(i)*time.Second))
	}
	all := slices.Collect(j.All(start))
	if len(all) != 3000 || all[0].Domain != "h0100.example" {
		t.Errorf("%d cookies from %s, want 3000 from h0100.example", len(all), all[0].Domain)
	}
}

func TestAtOnce(t *testing.T) {
	var j cookiejar.Jar
	u := parsed(t, "https://h.example/")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				j.Receive(u, []string{fmt.Sprintf("c%d=%d", i, n)}, start)
				if got := j.Header(u, start); !strings.Contains(got, fmt.Sprintf("c%d=%d", i, n)) {
					t.Errorf("%q lacks c%d=%d", got, i, n)
				}
				j.Delete(u, fmt.Sprintf("c%d", i), start)
				for range j.All(start) {
					break
				}
			}
		})
	}
	wg.Wait()
}
