/* Three functions that Confluent.Kafka 2.15 binds and librdkafka before 2.1 lacks.
   The leader epoch is an optional hint against log truncation; -1 is librdkafka's own "not known". */
#include <stdint.h>

int32_t rd_kafka_message_leader_epoch(const void *message) { (void)message; return -1; }

int32_t rd_kafka_topic_partition_get_leader_epoch(const void *partition) { (void)partition; return -1; }

void rd_kafka_topic_partition_set_leader_epoch(void *partition, int32_t leader_epoch) {
    (void)partition;
    (void)leader_epoch;
}
