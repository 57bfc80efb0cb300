# An image with nothing in it but hushed, to copy the binary from, or to run it. The binary is static:
# build it first, by `.ci/static`.
#
#   docker build -t hushed:0.1 .
#   docker run --rm hushed:0.1 --version
#
# In the image of your program: COPY --from=hushed:0.1 /hushed /usr/local/bin/hushed
FROM scratch
COPY --chmod=0555 target/shipped/static/hushed /hushed
# No name: there is no /etc/passwd that would have it.
USER 65532:65532
ENTRYPOINT ["/hushed"]
CMD ["--help"]
