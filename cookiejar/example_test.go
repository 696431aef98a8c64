package cookiejar_test

import (
	"fmt"
	"net/url"
	"time"

	"github.com/larder-go/larder/cookiejar"
)

func ExampleJar() {
	login, err := url.Parse("https://www.example.com/account/login")
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	jar := cookiejar.New(nil)
	jar.Receive(login, []string{
		"sid=s3cret; Secure; HttpOnly; Path=/",
		`prefs={"lang":"de"}; Max-Age=3600`,
		"spy=1; Domain=com",
	}, now)
	fmt.Println("sent:", jar.Header(login, now))
	fmt.Println("an hour later:", jar.Header(login, now.Add(time.Hour)))

	var saved []cookiejar.Cookie
	for c := range jar.All(now) {
		fmt.Printf("kept: %s at %s%s: %v\n", c.Name, c.Domain, c.Path, c.Value)
		saved = append(saved, c)
	}
	another := cookiejar.New(nil)
	fmt.Println(another.Import(saved, now), another.Header(login, now) == jar.Header(login, now))
	// Output:
	// sent: prefs={"lang":"de"}; sid=s3cret
	// an hour later: sid=s3cret
	// kept: prefs at www.example.com/account: [redacted]
	// kept: sid at www.example.com/: [redacted]
	// <nil> true
}
