"""Results in an S3 bucket in place of the folder `results`, with a local S3 server: the same limits as here."""

import pytest

moto_server = pytest.importorskip("moto.server", reason="no S3 server on this machine: moto is not installed")
boto3 = pytest.importorskip("boto3", reason="no S3 client on this machine: boto3 is not installed")
pytest.importorskip(
    "snakemake_storage_plugin_s3", reason="no S3 storage: snakemake-storage-plugin-s3 is not installed"
)

CHANNEL = "alp_3gamma_belle2"
CONFIG = ("scan=tiny", f'channels=["{CHANNEL}"]')
KEYS = {"SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "anybody", "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "anything"}


@pytest.fixture
def s3():
    """Run an S3 server; yield its address."""
    server = moto_server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def storage(address: str) -> tuple[str, ...]:
    return (
        *("--default-storage-provider", "s3", "--default-storage-prefix", "s3://hep/first"),
        *("--storage-s3-endpoint-url", address),
    )


def test_what_lies_in_the_checkout_is_not_looked_for_in_the_bucket(checkout, s3):
    options = {"config": CONFIG, "environment": KEYS}
    planned = checkout.run("--dry-run", "--cores", "1", "--quiet", "rules", *storage(s3), **options)
    assert "alp_3gamma_belle2_plot" in planned.stdout + planned.stderr


def test_limits_and_plots_in_a_bucket_are_those_made_here(finished, checkout, s3):
    options = {"config": CONFIG, "environment": KEYS}
    checkout.run(f"{CHANNEL}_plot", "--cores", "2", *storage(s3), **options)

    client = boto3.client(
        "s3",
        endpoint_url=s3,
        region_name="us-east-1",
        aws_access_key_id="anybody",
        aws_secret_access_key="anything",
    )
    listed = {entry["Key"] for entry in client.list_objects_v2(Bucket="hep")["Contents"]}
    made = {f"first/results/{CHANNEL}/{name}" for name in ("skims/alp.root", "limits.csv", "exclusion.pdf")}
    assert made <= listed
    assert not [key for key in listed if not key.startswith(("first/results/", "first/logs/"))]
    table = client.get_object(Bucket="hep", Key=f"first/results/{CHANNEL}/limits.csv")["Body"].read()
    assert table == finished.limits()[CHANNEL]
    assert not (checkout.folder / "results").exists()

    again = checkout.run(f"{CHANNEL}_plot", "--dry-run", "--cores", "1", *storage(s3), **options)
    assert "Nothing to be done" in again.stdout + again.stderr
