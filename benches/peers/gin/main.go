// Gin, in release mode and without its logger.
//
//	gin [THREADS] [EXTRA]      prints its address and ends when its standard input does
//	gin version
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

type user struct {
	ID    uint32 `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type line struct {
	Name  string  `json:"name"`
	Count uint32  `json:"count"`
	Price float64 `json:"price"`
}

type order struct {
	Lines []line `json:"lines"`
}

type place struct {
	ID   uint32 `uri:"id"`
	Post string `uri:"post"`
}

type search struct {
	Q    string `form:"q" binding:"required"`
	Page uint32 `form:"page,default=1"`
}

// The number that is the nth argument, or another.
func number(n, other int) int {
	if len(os.Args) > n {
		if value, err := strconv.Atoi(os.Args[n]); err == nil {
			return value
		}
	}
	return other
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(strings.TrimPrefix(gin.Version, "v"), runtime.Version())
		return
	}
	runtime.GOMAXPROCS(number(1, 1))
	gin.SetMode(gin.ReleaseMode)
	app := gin.New()
	app.Use(gin.Recovery())
	app.GET("/hello", func(c *gin.Context) { c.String(http.StatusOK, "Hello, World!") })
	app.GET("/users/:id/posts/:post", func(c *gin.Context) {
		var at place
		if err := c.ShouldBindUri(&at); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.String(http.StatusOK, "post %s of user %d", at.Post, at.ID)
	})
	app.GET("/search", func(c *gin.Context) {
		var wanted search
		if err := c.ShouldBindQuery(&wanted); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.String(http.StatusOK, "page %d of %s", wanted.Page, wanted.Q)
	})
	app.GET("/user", func(c *gin.Context) {
		c.JSON(http.StatusOK, user{7, "Ada Lovelace", "ada@example.org"})
	})
	app.POST("/orders", func(c *gin.Context) {
		var bought order
		if err := c.ShouldBindJSON(&bought); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		total, letters := 0.0, 0
		for _, line := range bought.Lines {
			total += float64(line.Count) * line.Price
			letters += len(line.Name)
		}
		c.String(http.StatusOK, "%.2f %d", total, letters)
	})
	for n := 0; n < number(2, 0); n++ {
		app.GET(fmt.Sprintf("/extra/%d/:id", n), func(c *gin.Context) { c.String(http.StatusOK, c.Param("id")) })
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	_ = http.Serve(listener, app)
}
