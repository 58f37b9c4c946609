# The locked environment as a container image. The project itself stays outside and is mounted where it is to be run:
#
#   docker build -t umbra .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/umbra" umbra --cores 4
#
# docs/environment.md says when this is of use; on an ordinary machine ./run is all that is needed.
FROM python:3.11.7-slim-bookworm

# Umbra is BSD-3-Clause; the environment has packages under the GPL: docs/install.md says which.
LABEL org.opencontainers.image.licenses="BSD-3-Clause AND GPL-2.0-or-later AND GPL-2.0-only"

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
COPY envs/requirements.txt /opt/requirements.txt
RUN pip install --require-hashes -r /opt/requirements.txt

# As ./run sets it: caches inside the project, one thread a job.
ENV HOME=/umbra/.snakemake/cache \
    XDG_CACHE_HOME=/umbra/.snakemake/cache \
    MPLCONFIGDIR=/umbra/.snakemake/cache/matplotlib \
    NUMBA_CACHE_DIR=/umbra/.snakemake/cache/numba \
    MPLBACKEND=agg \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    PYTHONPATH=/umbra/workflow/scripts
WORKDIR /umbra
ENTRYPOINT ["python", "-m", "umbra", "run"]
