// Gin, for benches/compare: with Go installed and its modules within reach, compare --peers builds and starts it.
module waypost/peers/gin

go 1.19

require github.com/gin-gonic/gin v1.10.1
